using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BambooOrleans.Hosting;

[JsonSerializable(typeof(VerbRequest))]
internal sealed partial class VerbRequestJsonContext : JsonSerializerContext
{
    public static VerbRequestJsonContext Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = ValueJson.MaxDepth + 16,
        Converters = { new JsonStringEnumConverter<ContextValueType>() },
    });
}
