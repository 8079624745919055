using Microsoft.Extensions.Logging;

namespace BambooOrleans.Hosting;

/// <summary>What an engine logs, under <see cref="Category"/>. Fields have the same names everywhere; docs/telemetry.md lists them.</summary>
public static partial class EngineLog
{
    /// <summary>The category.</summary>
    public const string Category = "bamboo.engine";

    /// <summary>The logger of an engine; null where its services have none.</summary>
    public static ILogger? Create(IServiceProvider? services) =>
        (services?.GetService(typeof(ILoggerFactory)) as ILoggerFactory)?.CreateLogger(Category);

    /// <summary>The engine is there.</summary>
    [LoggerMessage(1, LogLevel.Information, "The engine is open; {Unfinished} pipelines are unfinished and go on.")]
    public static partial void Opened(ILogger logger, int unfinished);

    /// <summary>The engine is gone.</summary>
    [LoggerMessage(2, LogLevel.Information, "The engine is closed.")]
    public static partial void Closed(ILogger logger);

    /// <summary>A node failed.</summary>
    [LoggerMessage(3, LogLevel.Warning, "Node {Node} of pipeline {Pipeline} failed under version {Version} ({NodeType} {Component}, loop {Loop}, retry {Retry}): {Error}")]
    public static partial void NodeFailed(
        ILogger logger, string pipeline, string node, string version, string nodeType, string component, int loop, int retry, string error);

    /// <summary>User code took too long, and was left behind.</summary>
    [LoggerMessage(4, LogLevel.Warning, "The component {Component} of node {Node} of pipeline {Pipeline}, version {Version}, exceeded its time limit in {Kind}: {Error}")]
    internal static partial void TimeLimitExceeded(
        ILogger logger, string pipeline, string node, string version, string component, string kind, string error);

    /// <summary>A hook threw, and was passed over.</summary>
    [LoggerMessage(5, LogLevel.Warning, "A hook of the component {Component} of node {Node} of pipeline {Pipeline}, version {Version}, threw and was passed over.")]
    internal static partial void HookFailed(ILogger logger, Exception? failure, string pipeline, string node, string version, string component);

    /// <summary>A commit failed.</summary>
    [LoggerMessage(6, LogLevel.Error, "A commit of {Rows} rows failed; the engine starts again from its store.")]
    public static partial void CommitFailed(ILogger logger, Exception failure, long rows);

    /// <summary>A pipeline was set aside.</summary>
    [LoggerMessage(7, LogLevel.Error, "The machine of pipeline {Pipeline} failed; it is set aside until the engine is opened again.")]
    public static partial void SetAside(ILogger logger, Exception failure, string pipeline);

    /// <summary>The store is still away.</summary>
    [LoggerMessage(8, LogLevel.Warning, "The store is not there yet; trying again in {Wait}.")]
    public static partial void StoreAway(ILogger logger, Exception failure, TimeSpan wait);

    /// <summary>The engine is there again after a failure.</summary>
    [LoggerMessage(9, LogLevel.Warning, "The engine has started again from its store; {Unfinished} pipelines go on.")]
    public static partial void Recovered(ILogger logger, int unfinished);

    /// <summary>Calls were refused for want of room.</summary>
    [LoggerMessage(10, LogLevel.Warning, "The engine is overloaded: {Refused} calls were refused since it was last said. {Error}")]
    internal static partial void Overloaded(ILogger logger, long refused, string error);

    /// <summary>Hooks around a verb could not be run.</summary>
    [LoggerMessage(11, LogLevel.Warning, "The hooks around a verb on node {Node} of pipeline {Pipeline}, version {Version}, could not be run.")]
    internal static partial void VerbHooksFailed(ILogger logger, Exception? failure, string pipeline, string node, string version);
}
