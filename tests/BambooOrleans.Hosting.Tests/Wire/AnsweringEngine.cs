using System.Reflection;
using BambooOrleans.Hosting.Wire;

namespace BambooOrleans.Hosting.Tests.Wire;

/// <summary>An engine that keeps what it was asked, and answers what a test tells it to.</summary>
public class AnsweringEngine : DispatchProxy
{
    /// <summary>Every call, in order: the method, and what it was given.</summary>
    internal List<(MethodInfo Method, object?[] Arguments)> Calls { get; } = [];

    /// <summary>What a call answers.</summary>
    internal Func<MethodInfo, object?[], object?> Answer { get; set; } = (method, _) => throw new NotSupportedException(method.Name);

    internal static (IBambooEngine Engine, AnsweringEngine Answers) Make()
    {
        IBambooEngine engine = Create<IBambooEngine, AnsweringEngine>();
        return (engine, (AnsweringEngine)(object)engine);
    }

    /// <summary>An engine at the other end of JSON.</summary>
    internal static RemoteEngine Beyond(IBambooEngine engine, TimeProvider? time = null)
    {
        var dispatcher = new EngineDispatcher(time);
        return new RemoteEngine(async (function, arguments, cancellationToken) =>
            WireJson.Parse(await dispatcher.CallAsync(engine, function, WireJson.ToUtf8(arguments), cancellationToken)));
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.Add((targetMethod!, args!));
        return Answer(targetMethod!, args!);
    }
}
