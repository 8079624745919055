using BambooOrleans.Core.Machines.Effects;

namespace BambooOrleans.Hosting;

/// <summary>Whom a component's run tells what went wrong in it beside what becomes of the node.</summary>
internal readonly struct CallWatch(EngineTelemetry telemetry, CodeCall? measured)
{
    /// <summary>The component threw.</summary>
    public void Threw(ComponentCall call, string kind, Exception failure)
    {
        if (measured is not null)
        {
            measured.Failure = failure;
        }

        if (failure is TimeLimitException && telemetry.Log is { } log)
        {
            EngineLog.TimeLimitExceeded(log, call.Node.ScopeStack[0], call.Node.Id, call.Version, call.Node.Code, kind, failure.Message);
        }
    }

    /// <summary>A hook threw.</summary>
    public void HookThrew(ComponentCall call, Exception failure)
    {
        if (telemetry.Log is { } log)
        {
            EngineLog.HookFailed(log, telemetry.Shown(call.Node, failure), call.Node.ScopeStack[0], call.Node.Id, call.Version, call.Node.Code);
        }
    }
}
