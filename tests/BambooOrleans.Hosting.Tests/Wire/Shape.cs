using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace BambooOrleans.Hosting.Tests.Wire;

/// <summary>All that can be seen of a result or an argument, as text: two are equal all the way down where their texts are.</summary>
internal static partial class Shape
{
    private static readonly HashSet<string> NotOfTheFailure =
    [
        nameof(Exception.StackTrace), nameof(Exception.InnerException), nameof(Exception.Data), nameof(Exception.TargetSite),
        nameof(Exception.HResult), nameof(Exception.Source), nameof(Exception.HelpLink),
    ];

    public static string Of(object? shown) => shown switch
    {
        null => "null",
        Value value => $"{value.Kind} {value.ToJson()}",
        string text => ((Value)text).ToJson(),
        DateTimeOffset time => ApiTime.Text(time)!, // answers have microseconds
        TimeSpan span => $"{span.Ticks} ticks",
        IFormattable simple => simple.ToString(null, CultureInfo.InvariantCulture),
        bool flag => flag ? "true" : "false",
        IEnumerable items when IsUnordered(items) => $"{{{string.Join(", ", items.Cast<object>().Select(Of).Order(StringComparer.Ordinal))}}}",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object>().Select(Of))}]",
        _ => $"{NameOf(shown.GetType())}({string.Join(", ", PropertiesOf(shown).Select(property => $"{property.Name}: {Of(property.GetValue(shown))}"))})",
    };

    /// <summary>The same with random ids by the order in which they appear, and without the times of events.</summary>
    public static string OfAnyRun(object? shown)
    {
        List<string> seen = [];
        return AnyTime().Replace(AnyVersion().Replace(Of(shown), match =>
        {
            if (!seen.Contains(match.Value))
            {
                seen.Add(match.Value);
            }

            return $"#{seen.IndexOf(match.Value)}";
        }), "(time)");
    }

    private static bool IsUnordered(IEnumerable items) => items.GetType().GetInterfaces().Any(type =>
        type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) || type.GetGenericTypeDefinition() == typeof(IReadOnlySet<>)));

    private static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;

    private static IEnumerable<PropertyInfo> PropertiesOf(object shown) => shown.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0
            && !(shown is Exception ? NotOfTheFailure.Contains(property.Name) : property.Name == nameof(EngineApiResult.ErrorTrace)))
        .OrderBy(property => property.Name, StringComparer.Ordinal);

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex AnyVersion();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")]
    private static partial Regex AnyTime();
}
