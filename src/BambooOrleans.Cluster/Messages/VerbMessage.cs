using BambooOrleans.Hosting;

namespace BambooOrleans.Cluster;

/// <summary>A verb on its way to its pipeline's grain; see <see cref="NodeMessage"/>.</summary>
[Immutable]
public sealed class VerbMessage
{
    private readonly VerbRequest? _request;
    private byte[]? _json;

    internal VerbMessage(VerbRequest request) => _request = request;

    internal VerbMessage(byte[] json) => _json = json;

    internal byte[] ToJson() => _json ??= _request!.ToUtf8();

    internal VerbRequest Read() => _request ?? VerbRequest.Parse(_json);
}

/// <summary>A <see cref="VerbMessage"/> between silos.</summary>
[GenerateSerializer]
public struct VerbMessageSurrogate
{
    /// <summary>The verb.</summary>
    [Id(0)]
    public byte[] Json;
}

/// <summary>Writes and reads a <see cref="VerbMessage"/> between silos.</summary>
[RegisterConverter]
public sealed class VerbMessageConverter : IConverter<VerbMessage, VerbMessageSurrogate>
{
    /// <inheritdoc/>
    public VerbMessage ConvertFromSurrogate(in VerbMessageSurrogate surrogate) => new(surrogate.Json);

    /// <inheritdoc/>
    public VerbMessageSurrogate ConvertToSurrogate(in VerbMessage value) => new() { Json = value.ToJson() };
}
