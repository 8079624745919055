using System.Text;
using System.Text.Json.Nodes;

namespace BambooOrleans.Abstractions.Tests.Pipelines;

/// <summary>Small trees, and ways to change one member of them.</summary>
internal static class Trees
{
    /// <summary>start, a, end, and no member that could be left out.</summary>
    public const string Minimal = """
        {
          "id": "p",
          "start_event": { "id": "s", "type": "EmptyStartEvent", "incoming": "", "outgoing": "f1" },
          "end_event": { "id": "e", "type": "EmptyEndEvent", "incoming": ["f2"], "outgoing": "" },
          "activities": {
            "a": { "id": "a", "type": "ServiceActivity", "incoming": ["f1"], "outgoing": "f2", "component": { "code": "c", "inputs": {} } }
          },
          "gateways": {},
          "flows": {
            "f1": { "id": "f1", "source": "s", "target": "a" },
            "f2": { "id": "f2", "source": "a", "target": "e" }
          },
          "data": { "inputs": {}, "outputs": [] }
        }
        """;

    /// <summary>start, an exclusive gateway, and both of its flows into the end.</summary>
    public const string WithGateway = """
        {
          "id": "p",
          "start_event": { "id": "s", "type": "EmptyStartEvent", "incoming": "", "outgoing": "f1" },
          "end_event": { "id": "e", "type": "EmptyEndEvent", "incoming": ["f2", "f3"], "outgoing": "" },
          "activities": {},
          "gateways": {
            "g": {
              "id": "g", "type": "ExclusiveGateway", "incoming": ["f1"], "outgoing": ["f2", "f3"],
              "conditions": { "f2": { "evaluate": "1 == 1" }, "f3": { "evaluate": "1 == 2" } },
              "default_condition": { "flow_id": "f3" }, "extra_info": { "strategy": "FIRST" }
            }
          },
          "flows": {
            "f1": { "id": "f1", "source": "s", "target": "g" },
            "f2": { "id": "f2", "source": "g", "target": "e" },
            "f3": { "id": "f3", "source": "g", "target": "e" }
          },
          "data": { "inputs": {}, "outputs": [] }
        }
        """;

    /// <summary><see cref="Minimal"/> with one member set to some JSON; the path is from the tree down, with dots.</summary>
    public static string With(string path, string json) => Change(Minimal, path, json);

    /// <summary>A tree with one member set to some JSON, or removed.</summary>
    public static string Change(string tree, string path, string? json)
    {
        JsonObject root = JsonNode.Parse(tree)!.AsObject();
        string[] names = path.Split('.');
        JsonObject at = root;
        foreach (string name in names[..^1])
        {
            at = at[name]!.AsObject();
        }

        if (json is null)
        {
            Assert.True(at.Remove(names[^1]), $"{path} is not there to be removed");
        }
        else
        {
            at[names[^1]] = JsonNode.Parse(json);
        }

        return root.ToJsonString();
    }

    /// <summary>A minimal tree whose ids all begin with <paramref name="id"/>.</summary>
    public static string Named(string id) => Minimal
        .Replace("\"p\"", $"\"{id}\"")
        .Replace("\"s\"", $"\"{id}_s\"")
        .Replace("\"a\"", $"\"{id}_a\"")
        .Replace("\"e\"", $"\"{id}_e\"");

    public static string SubProcess(string id, string incoming, string outgoing, string pipeline) =>
        $$"""{ "id": "{{id}}", "type": "SubProcess", "incoming": ["{{incoming}}"], "outgoing": "{{outgoing}}", "params": {}, "pipeline": {{pipeline}} }""";

    /// <summary>A tree with so many sub-processes one in the other; only the last one has no activity.</summary>
    public static string Nested(int levels)
    {
        var text = new StringBuilder();
        for (int i = 0; i <= levels; i++)
        {
            text.Append($$"""
                {"id":"p{{i}}","start_event":{"id":"start{{i}}","type":"EmptyStartEvent","incoming":"","outgoing":""},
                "end_event":{"id":"end{{i}}","type":"EmptyEndEvent","incoming":"","outgoing":""},
                "gateways":{},"flows":{},"data":{"inputs":{},"outputs":[]},"activities":{
                """);
            if (i < levels)
            {
                text.Append($$"""
                    "s{{i}}":{"id":"s{{i}}","type":"SubProcess","incoming":"","outgoing":"","params":{},"pipeline":
                    """);
            }
        }

        text.Append("}}");
        text.Insert(text.Length, "}}}", levels);
        return text.ToString();
    }

    /// <summary>A tree of so many activities one after the other.</summary>
    public static MapValue Chain(int activities)
    {
        var nodes = new MapValue.Builder();
        var flows = new MapValue.Builder();
        void Flow(int i, string source, string target) =>
            flows["f" + i] = Value.Map(("id", "f" + i), ("source", source), ("target", target));

        Flow(0, "s", "a0");
        for (int i = 0; i < activities; i++)
        {
            nodes["a" + i] = Value.Map(
                ("id", "a" + i),
                ("type", "ServiceActivity"),
                ("incoming", Value.List("f" + i)),
                ("outgoing", "f" + (i + 1)),
                ("component", Value.Map(("code", "c"), ("inputs", MapValue.Empty))));
            Flow(i + 1, "a" + i, i + 1 == activities ? "e" : "a" + (i + 1));
        }

        return Value.Map(
            ("id", "p"),
            ("start_event", Value.Map(("id", "s"), ("type", "EmptyStartEvent"), ("incoming", ""), ("outgoing", "f0"))),
            ("end_event", Value.Map(("id", "e"), ("type", "EmptyEndEvent"), ("incoming", Value.List("f" + activities)), ("outgoing", ""))),
            ("activities", nodes.Build()),
            ("gateways", MapValue.Empty),
            ("flows", flows.Build()),
            ("data", Value.Map(("inputs", MapValue.Empty), ("outputs", ListValue.Empty))));
    }
}
