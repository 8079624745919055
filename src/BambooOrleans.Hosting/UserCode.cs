using BambooOrleans.Components;
using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Hosting;

/// <summary>
/// Runs user code for a host: components with their hooks, lazy variables and end events, a bounded number at once, each
/// with a time limit. Whatever user code does, the answer is an input for a machine.
/// </summary>
/// <param name="registry">The user code.</param>
/// <param name="services">Where it gets what its constructors ask for; a scope is made for each call.</param>
/// <param name="options">The limits.</param>
/// <param name="expressions">How the templates of lazy variables are rendered.</param>
public sealed class UserCode(
    ComponentRegistry registry, IServiceProvider services, UserCodeOptions options, EngineSettings expressions) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.ConcurrencyMax);
    private readonly IServiceScopeFactory? _scopes = services.GetService<IServiceScopeFactory>();

    /// <summary>The user code that there is.</summary>
    public ComponentRegistry Registry => registry;

    /// <summary>Traces, measurements and logs of the engine.</summary>
    public EngineTelemetry Telemetry { get; } = new(services, new PipelineSecretsCache(new DeclaredInputs(registry, services)));

    /// <summary>Where the secrets of pipelines stand.</summary>
    internal PipelineSecretsCache Secrets => Telemetry.Secrets;

    /// <summary>The inputs that a component declares; none for one that declares none, is not registered, or cannot be made.</summary>
    public IReadOnlyList<FieldDeclaration> InputsOf(string code, string version) => Secrets.Declared.Of(code, version);

    /// <summary>Runs an execution.</summary>
    /// <returns>The answer; null where the host is stopping and the execution was cut off, so that nothing is known of it.</returns>
    public Task<Executed?> RunAsync(
        ExecuteComponent effect, MapValue rootData, CancellationToken stopping) =>
        InSlotAsync(
            CodeKind.Execute,
            effect.Call.Node,
            effect.Call.Node.Id,
            effect.Call.Version,
            (provider, call) => ComponentRun.ExecuteAsync(registry, LoggingFor(provider, effect.Call.Node, effect.Inputs), effect, rootData, options.TimeLimit, new(Telemetry, call), stopping),
            failure => new Executed(
                effect.Call.Version, ComponentRun.NotMade(effect.Call, effect.Inputs, MapValue.Empty, failure), ScheduleKind.None),
            stopping);

    /// <summary>Runs a poll or a callback.</summary>
    /// <returns>The answer; null where the host is stopping and the call was cut off, so that nothing is known of it.</returns>
    public Task<Polled?> RunAsync(PollComponent effect, MapValue rootData, CancellationToken stopping) =>
        InSlotAsync(
            effect.CallbackData is null ? CodeKind.Poll : CodeKind.Callback,
            effect.Call.Node,
            effect.Call.Node.Id,
            effect.Call.Version,
            (provider, call) => ComponentRun.PollAsync(registry, LoggingFor(provider, effect.Call.Node, effect.Inputs), effect, rootData, options.TimeLimit, new(Telemetry, call), stopping),
            failure => new Polled(
                effect.Call.Version,
                ComponentRun.NotMade(effect.Call, effect.Inputs, effect.Outputs, failure),
                IsDone: false,
                TimeSpan.Zero,
                effect.Times),
            stopping);

    /// <summary>Runs the hooks around a verb on a copy of the data. A hook that throws is passed over (observed).</summary>
    public Task RunAsync(RunVerbHooks effect, MapValue rootData, CancellationToken stopping) => InSlotAsync(
        CodeKind.Hooks,
        effect.Call.Node,
        effect.Call.Node.Id,
        effect.Call.Version,
        (provider, call) =>
        {
            ComponentRun.RunVerbHooks(registry, LoggingFor(provider, effect.Call.Node, effect.Inputs), effect, rootData, new(Telemetry, call));
            return Task.FromResult(effect);
        },
        failure =>
        {
            if (Telemetry.Log is { } log)
            {
                EngineLog.VerbHooksFailed(log, Telemetry.Shown(effect.Call.Node, failure), effect.Call.Node.ScopeStack[0], effect.Call.Node.Id, effect.Call.Version);
            }

            return effect;
        },
        stopping);

    /// <summary>Runs an end event.</summary>
    /// <returns>The answer; null where the host is stopping and the call was cut off, so that nothing is known of it.</returns>
    public Task<EndEventRan?> RunAsync(RunEndEvent effect, CancellationToken stopping) => InSlotAsync(
        CodeKind.EndEvent,
        effect.Node,
        effect.Node.Id,
        effect.Version,
        async (provider, _) =>
        {
            EndEvent? code = registry.CreateEndEvent(effect.Node.Code, provider);
            if (code is null)
            {
                return new EndEventRan(effect.Version, $"the end event {effect.Node.Code} is not registered");
            }

            await TimeLimited.RunAsync(
                token => code.ExecuteAsync(effect.Node.ScopeStack, effect.Node.ScopeStack[0], token), options.TimeLimit, stopping)
                .ConfigureAwait(false);
            return new EndEventRan(effect.Version, null);
        },
        failure => new EndEventRan(effect.Version, failure.ToString()),
        stopping);

    /// <summary>Computes the lazy variables of a slice.</summary>
    /// <returns>The values by bare name, or why there are none; null where the host is stopping and the computation was cut off.</returns>
    public Task<HydrationAnswer?> RunAsync(Hydrate effect, MapValue rootData, CancellationToken stopping) => InSlotAsync(
        CodeKind.Hydrate,
        null,
        effect.Id,
        effect.Version,
        async (provider, _) => new HydrationAnswer(
            await HydrateAsync(effect.Slice, rootData, provider, stopping).ConfigureAwait(false), null),
        failure => new HydrationAnswer(null, failure.Message),
        stopping);

    /// <inheritdoc/>
    public void Dispose()
    {
        _slots.Dispose();
        Telemetry.Dispose();
    }

    // What a component with secret inputs logs has them masked.
    private IServiceProvider LoggingFor(IServiceProvider provider, NodeDefinition node, MapValue inputs)
    {
        SecretValues? secrets = null;
        foreach (string name in node.SecretInputs.Concat(Secrets.Declared.SecretsOf(node)))
        {
            if (inputs.TryGetValue(name, out Value? value))
            {
                (secrets ??= new SecretValues()).Add(value);
            }
        }

        return secrets is null ? provider : new MaskedLogging(provider, secrets);
    }

    private async Task<IReadOnlyDictionary<string, Value>> HydrateAsync(
        IReadOnlyDictionary<string, ContextEntry> slice, MapValue rootData, IServiceProvider provider, CancellationToken stopping)
    {
        var hydration = new Hydration(slice, expressions.Expressions);
        while (hydration.NextLazy() is { } call)
        {
            LazyVariable code = registry.CreateLazyVariable(call.Code, provider)
                ?? throw new HydrationException($"the lazy variable {call.Code} of {call.Key} is not registered");
            var context = new LazyVariableContext(call.Key, call.Value, rootData);
            Value value = await TimeLimited.RunAsync(
                token => code.GetAsync(context, token), options.TimeLimit, stopping).ConfigureAwait(false) ?? Value.Null;
            hydration.Supply(!ValueJson.IsTooDeep(value)
                ? value
                : throw new HydrationException(
                    $"the lazy variable {call.Code} of {call.Key} gave a value that is nested deeper than {ValueJson.MaxDepth} levels"));
        }

        return hydration.Values;
    }

    // Whatever goes wrong, there is an answer: a call without one would leave its node RUNNING for ever.
    private async Task<T?> InSlotAsync<T>(
        CodeKind kind,
        NodeDefinition? node,
        string nodeId,
        string version,
        Func<IServiceProvider, CodeCall?, Task<T>> call,
        Func<Exception, T> failed,
        CancellationToken stopping)
        where T : class
    {
        CodeCall? measured = Telemetry.BeginCall(kind, node, nodeId, version);
        T? answer;
        try
        {
            await WaitForSlotAsync(stopping).ConfigureAwait(false);
            Telemetry.Gauges.Run(kind, 1);
            try
            {
                if (measured is not null)
                {
                    Telemetry.Run(measured);
                }

                using IDisposable? fields = Telemetry.Scope(node, nodeId, version);
                if (_scopes is null)
                {
                    answer = await call(services, measured).ConfigureAwait(false);
                }
                else
                {
                    AsyncServiceScope scope = _scopes.CreateAsyncScope();
                    try
                    {
                        answer = await call(scope.ServiceProvider, measured).ConfigureAwait(false);
                    }
                    finally
                    {
                        measured?.Return();
                        await CloseAsync(scope).ConfigureAwait(false);
                    }
                }
            }
            finally
            {
                Telemetry.Gauges.Run(kind, -1);
                _slots.Release();
            }
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            measured?.CutOff();
            return null;
        }
        catch (Exception failure)
        {
            answer = failed(failure);
            if (measured is not null)
            {
                measured.Failure ??= failure;
            }
        }

        measured?.End(Telemetry.Metrics, IsSuccess(answer));
        return answer;
    }

    private async Task WaitForSlotAsync(CancellationToken stopping)
    {
        Telemetry.Gauges.Queue(1);
        try
        {
            await _slots.WaitAsync(stopping).ConfigureAwait(false);
        }
        finally
        {
            Telemetry.Gauges.Queue(-1);
        }
    }

    private static bool IsSuccess(object answer) => answer switch
    {
        Executed executed => executed.Outcome.IsSuccess,
        Polled polled => polled.Outcome.IsSuccess,
        EndEventRan ran => ran.Error is null,
        HydrationAnswer hydrated => hydrated.Error is null,
        _ => true,
    };

    private static async Task CloseAsync(AsyncServiceScope scope)
    {
        try
        {
            await scope.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // What the call came to is known by now, and services that do not go away cleanly do not change it.
        }
    }
}

/// <summary>What came of the computation of a slice: one of the two is given.</summary>
/// <param name="Values">The values by bare name.</param>
/// <param name="Error">Why there are none.</param>
public sealed record HydrationAnswer(IReadOnlyDictionary<string, Value>? Values, string? Error);
