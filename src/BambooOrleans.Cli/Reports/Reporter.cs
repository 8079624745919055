using System.Globalization;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Reports;

/// <summary>Writes what a command found out, as text or as one JSON document.</summary>
internal sealed class Reporter(CliTerminal terminal, bool isJson)
{
    public bool IsJson => isJson;

    public static string Text(TimeSpan duration) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, duration.TotalSeconds):0.0} s");

    /// <summary>A number of things, such as <c>1 pipeline</c> or <c>2 pipelines</c>.</summary>
    public static string Count(int number, string thing) =>
        string.Create(CultureInfo.InvariantCulture, $"{number} {thing}{(number == 1 ? "" : "s")}");

    public void Line(string text)
    {
        if (!isJson)
        {
            terminal.Out.WriteLine(text);
        }
    }

    public void Warning(string text)
    {
        if (!isJson)
        {
            terminal.Error.WriteLine($"warning: {text}");
        }
    }

    public void Document(MapValue document)
    {
        if (isJson)
        {
            terminal.Out.WriteLine(ValueJson.ToText(document, indented: true));
        }
    }

    /// <summary>Writes one of many documents, each on a line of its own.</summary>
    public void DocumentLine(MapValue document)
    {
        if (isJson)
        {
            terminal.Out.WriteLine(document.ToJson());
        }
    }

    public int Error(BambooException refusal)
    {
        string? path = refusal switch
        {
            PipelineTreeException tree => tree.Path,
            CliException input => input.Path,
            _ => null,
        };
        var document = new MapValue.Builder
        {
            ["result"] = false,
            ["code"] = refusal.Code,
            ["message"] = refusal.Message,
        };
        if (path is not null)
        {
            document["path"] = path;
        }

        Document(document.Build());
        if (!isJson)
        {
            terminal.Error.WriteLine($"error: {refusal.Message} [{refusal.Code}]");
            if (Advice(refusal.Code) is { } advice)
            {
                terminal.Error.WriteLine($"       {advice}");
            }
        }

        // What broke under way was not the caller's fault.
        return refusal is EngineUnavailableException || refusal.Code == "internal" ? ExitCode.Failed : ExitCode.BadInput;
    }

    public int Stopped()
    {
        Document(Value.Map(("result", false), ("code", "stopped"), ("message", "stopped by a signal")));
        return ExitCode.Stopped;
    }

    private static string? Advice(string code) => code switch
    {
        "tree.cycle" => "A pipeline whose flows lead back needs --cycle-tolerate.",
        "store.in-use" => "Wait until the other process has ended, call it over HTTP where it serves that, or give this one a database of its own with --db.",
        "store.not-there" => "bamboo run makes it.",
        "command-line" => "bamboo --help and bamboo COMMAND --help tell more.",
        _ => null,
    };
}
