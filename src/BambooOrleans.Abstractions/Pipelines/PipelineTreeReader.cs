using System.Text.Json;

namespace BambooOrleans.Pipelines;

/// <summary>
/// Reads pipeline trees from JSON. A tree is whole or refused: what is missing, of a wrong type, or points at nothing
/// is named with its path. Members that are not known are kept in <see cref="PipelineTree.Source"/> and ignored.
/// </summary>
/// <remarks>
/// Whether the graph makes sense (degrees, cycles, gateways and their converge gateways) is not the reader's matter but
/// the validator's, so that each rule has the same error here as in the reference.
/// </remarks>
public static class PipelineTreeReader
{
    /// <summary>How many levels of sub-processes may stand one in the other below the root.</summary>
    public const int MaxSubProcessDepth = 64;

    /// <summary>How deep the JSON of a tree may be nested, the values of its variables included.</summary>
    public const int MaxJsonDepth = ValueJson.MaxDepth;

    /// <summary>How many nodes a tree may have, those of all sub-processes included.</summary>
    public const int MaxNodes = 100_000;

    /// <summary>How many characters the id of a node, a flow or a pipeline may have.</summary>
    public const int MaxIdLength = 255;

    /// <summary>How many characters a context key may have, the one that is made for a lazy input (<c>${key_node}</c>) included.</summary>
    public const int MaxContextKeyLength = 128;

    /// <summary>Reads a tree from JSON text.</summary>
    /// <exception cref="PipelineTreeException">The text is not JSON, or not a whole tree.</exception>
    public static PipelineTree Read(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        Value tree;
        try
        {
            tree = ValueJson.Parse(json);
        }
        catch (JsonException cause)
        {
            throw NotJson(json, cause);
        }

        return new TreeReading().Read(tree);
    }

    /// <summary>Reads a tree from JSON that has been parsed already.</summary>
    /// <exception cref="PipelineTreeException">The value is not a whole tree.</exception>
    public static PipelineTree Read(Value tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (IsDeeperThanJson(tree))
        {
            throw TooDeep(null);
        }

        return new TreeReading().Read(tree);
    }

    private static PipelineTreeException NotJson(string json, JsonException cause)
    {
        if (IsDeeperThanJson(json))
        {
            return TooDeep(cause);
        }

        string place = cause.LineNumber is { } line
            ? $"line {line + 1}, column {(cause.BytePositionInLine ?? 0) + 1}: "
            : string.Empty;

        // The platform ends its message with the same place in its own words.
        int end = cause.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return new(PipelineTreeErrors.NotJson, "pipeline", place + (end < 0 ? cause.Message : cause.Message[..end]), cause);
    }

    private static PipelineTreeException TooDeep(Exception? cause) => new(
        PipelineTreeErrors.TooDeep, "pipeline", $"the JSON is nested deeper than {MaxJsonDepth} levels", cause);

    private static bool IsDeeperThanJson(string json)
    {
        int depth = 0;
        bool inText = false;
        for (int i = 0; i < json.Length; i++)
        {
            switch (json[i])
            {
                case '\\' when inText:
                    i++;
                    break;
                case '"':
                    inText = !inText;
                    break;
                case '{' or '[' when !inText:
                    if (++depth > MaxJsonDepth)
                    {
                        return true;
                    }

                    break;
                case '}' or ']' when !inText:
                    depth--;
                    break;
            }
        }

        return false;
    }

    private static bool IsDeeperThanJson(Value tree)
    {
        var open = new Stack<(Value Value, int Depth)>();
        open.Push((tree, 1));
        while (open.TryPop(out (Value Value, int Depth) at))
        {
            IEnumerable<Value>? items = at.Value switch { MapValue map => map.Values, ListValue list => list, _ => null };
            if (items is null)
            {
                continue;
            }

            if (at.Depth > MaxJsonDepth)
            {
                return true;
            }

            foreach (Value item in items)
            {
                if (item is MapValue or ListValue)
                {
                    open.Push((item, at.Depth + 1));
                }
            }
        }

        return false;
    }
}
