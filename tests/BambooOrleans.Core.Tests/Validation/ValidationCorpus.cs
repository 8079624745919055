using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

/// <summary>The recorded validations of the reference engine, and the comparison of one with ours.</summary>
internal static class ValidationCorpus
{
    private static readonly string Folder = Find();

    public static IEnumerable<(string Name, MapValue Scenario)> Scenarios =>
        Directory.EnumerateFiles(Path.Combine(Folder, "scenarios"), "*.json")
            .Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileNameWithoutExtension(file), (MapValue)Value.ParseJson(File.ReadAllText(file))));

    public static IEnumerable<MapValue> Fuzz =>
        ((ListValue)Value.ParseJson(File.ReadAllText(Path.Combine(Folder, "validator_fuzz.json")))).Cast<MapValue>();

    /// <summary>Validates a tree and compares every member of the record; an error that the reference does not type is any error.</summary>
    public static void AssertAsRecorded(MapValue pipeline, bool cycleTolerate, MapValue expected)
    {
        MapValue actual = Validate(pipeline, cycleTolerate);
        Assert.Equal(expected["result"], actual["result"]);
        if (expected.TryGetValue("error", out Value? error) && error.Equals("Crash"))
        {
            return;
        }

        foreach (string member in (string[])["error", "gateway_id", "node_id", "failed_nodes", "converge_gateways", "allowed_start_nodes"])
        {
            if (expected.TryGetValue(member, out Value? value))
            {
                Assert.Equal(value, actual[member]);
            }
        }
    }

    private static MapValue Validate(MapValue pipeline, bool cycleTolerate)
    {
        try
        {
            PipelineTree tree = PipelineTreeReader.Read(pipeline);
            ValidationResult found = PipelineValidator.Validate(tree, cycleTolerate);
            return Value.Map(
                ("result", true),
                ("converge_gateways", Value.Map(found.ConvergeGateways.Select(pair => (pair.Key, (Value)pair.Value)))),
                ("allowed_start_nodes", Texts(PipelineValidator.AllowedStartNodes(tree).Order(StringComparer.Ordinal))));
        }
        catch (BambooException error)
        {
            return (MapValue)Value.Map(("result", false)).With("error", error switch
            {
                ConnectionValidateException => "ConnectionValidate",
                ConvergeMatchException => "ConvergeMatch",
                StreamValidateException => "StreamValidate",
                TreeInvalidException => "TreeInvalid",
                PipelineTreeException => "Crash",
                _ => throw new InvalidOperationException("no rule of validation", error),
            })
            .With("gateway_id", (error as ConvergeMatchException)?.GatewayId)
            .With("node_id", (error as StreamValidateException)?.NodeId)
            .With("failed_nodes", Texts((error as ConnectionValidateException)?.FailedNodes.Keys ?? []));
        }
    }

    private static ListValue Texts(IEnumerable<string> texts) => Value.List(texts.Select(text => (Value)text));

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "BambooOrleans.sln")))
            {
                return Path.Combine(at.FullName, "tests", "corpus");
            }
        }

        throw new InvalidOperationException("BambooOrleans.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
