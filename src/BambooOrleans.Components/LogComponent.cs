using Microsoft.Extensions.Logging;

namespace BambooOrleans.Components.BuiltIn;

/// <summary>Writes a line to the log of the process, where it has one, and gives it as an output.</summary>
/// <param name="loggers">The log; null for none.</param>
[Component("log", Description = "Writes a message to the log of the process.")]
public sealed class LogComponent(ILoggerFactory? loggers = null) : BuiltInComponent
{
    /// <summary>The category under which messages are logged.</summary>
    public const string Category = "bamboo.log";

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Inputs { get; } =
    [
        new("message", "any", true, "What to write; what is not text is written as JSON."),
        new("level", "text", false, "debug, info, warning or error; info where it is left out."),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Outputs { get; } =
        [new("message", "any", true, "The message as it was given.")];

    /// <inheritdoc/>
    protected override Task<ComponentResult> RunAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        if (!context.Inputs.TryGetValue("message", out Value? message))
        {
            throw new ComponentInputException("message", "is missing");
        }

        LogLevel level = context.OptionalText("level") switch
        {
            null or "info" => LogLevel.Information,
            "debug" => LogLevel.Debug,
            "warning" => LogLevel.Warning,
            "error" => LogLevel.Error,
            string other => throw new ComponentInputException("level", $"must be debug, info, warning or error, but is \"{other}\""),
        };
        if (loggers?.CreateLogger(Category) is { } log && log.IsEnabled(level))
        {
            log.Log(level, "{Node}: {Message}", context.NodeId, BuiltIn.Inputs.AsText(message));
        }

        context.SetOutput("message", message);
        return Task.FromResult(ComponentResult.Ok);
    }
}
