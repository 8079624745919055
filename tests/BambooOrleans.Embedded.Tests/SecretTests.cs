using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Storage;
using BambooOrleans.Tests;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Components get secrets as they are, and nothing that the engine shows has them.</summary>
[Collection(Listening.Name)]
public sealed class SecretTests : IAsyncLifetime
{
    private const string Token = "tok-EN/with\"quote+ü";
    private const string Password = "pass-word-2";
    private const string Declared = "declared-secret-3";
    private const string Retried = "retried-secret-4";
    private const string Updated = "updated-secret-5";
    private const string Nested = "nested-secret-6";
    private const string Context = "context-secret-7";
    private const int Pin = 73_915_042;

    private static readonly string[] All = [Token, Password, Declared, Retried, Updated, Nested, Context, $"{Pin}"];

    private static readonly string[] Ids = ["p", "start", "end", "a", "bad", "keyed", "sp", "inner_start", "inner", "inner_end", "wait", "nobody"];

    private readonly Workbench _bench = new();
    private readonly ConcurrentDictionary<string, MapValue> _given = new();
    private readonly Lines _log = new();
    private readonly MemoryStore _store = new();
    private EmbeddedEngine _engine = null!;

    public async Task InitializeAsync()
    {
        foreach (string node in new[] { "a", "keyed", "inner" })
        {
            _bench.Executions[node] = (context, _) =>
            {
                MapValue inputs = _given[node] = Value.Map(context.Inputs.Select(input => (input.Key, input.Value)));
                foreach ((string name, Value value) in inputs)
                {
                    context.SetOutput($"echo {name}", value);
                    context.SetOutput("all", $"with {inputs.ToJson()}");
                    context.SetOutput("base64", Convert.ToBase64String(Encoding.UTF8.GetBytes(value is TextValue text ? text.Value : value.ToJson())));
                    context.SetOutput("address", $"https://x.test/?q={Uri.EscapeDataString(value is TextValue given ? given.Value : "")}");
                    context.SetOutput($"named {(value is TextValue name1 ? name1.Value : "")}", true);
                }

                return Task.FromResult(ComponentResult.Ok);
            };
        }

        _bench.Executions["bad"] = (context, _) =>
        {
            _given["bad"] = Value.Map(context.Inputs.Select(input => (input.Key, input.Value)));
            throw new InvalidOperationException($"refused {context.Inputs["password"]} of {context.Inputs["token"]}");
        };
        _engine = await Engines.OpenAsync(_store, _bench, options => Engines.Hasty(options) with
        {
            Registry = Workbench.Registry.Add<Keyed>(),
            Services = new Services(_bench, _log),
        });
    }

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    [Fact]
    public async Task Components_get_true_values_and_nothing_that_is_shown_has_them()
    {
        await RunAsync();
        Assert.Equal((Password, $"Bearer {Token}", "visible"), (Given("a", "password"), Given("a", "auth"), Given("a", "note")));
        Assert.Equal((Declared, Context, Token, Nested), (Given("keyed", "key"), Given("keyed", "from_context"), Given("inner", "inherited"), Given("inner", "own")));
        Assert.Equal(Pin, _given["a"]["pin"]);

        // After a failure, a retry with another secret, and a context that was changed.
        await _engine.RetryNodeAsync("bad", Value.Map(("password", Retried), ("token", "${token}"), ("note", "again"))).Done();
        await _engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal(Retried, Given("bad", "password"));
        await _engine.UpdateContextValuesAsync("p", [new ContextValue("${token}", ContextValueType.Plain, Updated, null)]).Done();
        await AssertNothingShown();

        await _engine.RetryNodeAsync("bad", Value.Map(("password", Password), ("token", "${token}"))).Done();
        await _engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal(Updated, Given("bad", "token"));
        _bench.Executions.TryRemove("bad", out _);
        await _engine.RetryNodeAsync("bad").Done();
        await _engine.WaitUntilSettledAsync("p").Done();
        await _engine.CallbackAsync("wait", await _engine.VersionOf("wait"), Value.Map(("said", $"{Password} and {Updated}"))).Done();
        await _engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Finished, await _engine.StateOf("p"));
        await AssertNothingShown();
    }

    [Fact]
    public async Task What_is_no_secret_is_shown_as_it_is_and_secrets_as_a_mask()
    {
        await RunAsync();

        MapValue inputs = await _engine.GetExecutionDataInputsAsync("a").Get();
        Assert.Equal((SecretValues.Mask, SecretValues.Mask, SecretValues.Mask, "visible"), (inputs["password"], inputs["auth"], inputs["pin"], inputs["note"]));
        MapValue outputs = await _engine.GetExecutionDataOutputsAsync("a").Get();
        Assert.Equal(("visible", SecretValues.Mask), (outputs["echo note"], outputs["echo password"]));
        Assert.Equal($"https://x.test/?q=visible", outputs["address"]);
        IReadOnlyList<ContextValue> context = await _engine.GetContextAsync("p").Get();
        Assert.Equal(
            ("******", "******", "open", "******"),
            (ValueOf("${token}"), ValueOf("${auth}"), ValueOf("${open}"), ValueOf("${from_context}")));
        NodeData data = await _engine.GetDataAsync("a").Get();
        Assert.Equal((SecretValues.Mask, SecretValues.Mask, "visible"), (data.Inputs["password"].Value, data.Inputs["auth"].Value, data.Inputs["note"].Value));

        MapValue definition = (await _engine.GetPipelineDefinitionAsync("p").Get()).Pipeline;
        MapValue given = Tree();
        Assert.Equal(given.Keys, definition.Keys);
        Assert.Equal(given["flows"], definition["flows"]);
        Assert.Equal(
            Text(given).Replace($"\"{Password}\"", "\"******\"").Replace($"\"{Declared}\"", "\"******\"").Replace($"{Pin}", "\"******\"")
                .Replace(((Value)Token).ToJson(), "\"******\"").Replace(((Value)Nested).ToJson(), "\"******\"")
                .Replace("\"Bearer ${token}\"", "\"******\"").Replace("\"value\":\"${auth}\"", "\"value\":\"******\"")
                .Replace("\"value\":\"${token}\"", "\"value\":\"******\"").Replace("\"value\":\"${inherited}\"", "\"value\":\"******\"")
                .Replace("\"value\":\"${from_context}\"", "\"value\":\"******\""),
            Text(definition));

        string ValueOf(string key) => ((TextValue)context.Single(entry => entry.Key == key).Value).Value;
        static string Text(MapValue map) => map.ToJson();
    }

    [Fact]
    public async Task What_is_only_tried_is_masked_too()
    {
        await RunAsync();

        VerbOutcome outcome = await _engine.RetryNodeAsync(
            "bad", Value.Map(("password", "never-seen-before"), ("token", "x")), options: new VerbOptions { DryRun = true }).Get();

        string shown = Value.List(outcome.Turns.Select(turn => (Value)turn.Events)).ToJson() + string.Join('\n', outcome.Effects);
        Assert.Contains("raw-inputs-replaced", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("never-seen-before", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mask_in_the_arguments_of_a_verb_stands_for_the_value_that_is_there()
    {
        await RunAsync();
        NodeData shown = await _engine.GetDataAsync("bad").Get();

        await _engine.RetryNodeAsync("bad", Value.Map(shown.Inputs.Select(input => (input.Key, input.Value.Value)))).Done();
        await _engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal((Password, Token), (Given("bad", "password"), Given("bad", "token")));

        await _engine.UpdateContextValuesAsync("p", await _engine.GetContextAsync("p").Get()).Done();
        await _engine.RetryNodeAsync("bad").Done();
        await _engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal((Password, Token), (Given("bad", "password"), Given("bad", "token")));
    }

    [Fact]
    public async Task What_components_log_is_masked_in_its_text_and_its_members()
    {
        await RunAsync();

        Assert.NotEmpty(_log.Texts);
        Assert.All(_log.Texts, line => AssertHasNone(line, "a log"));
        Assert.Contains(_log.Texts, line => line == "the key is ****** for keyed");
    }

    [Fact]
    public async Task Spans_and_the_engines_own_log_do_not_tell_why_a_node_with_secrets_failed()
    {
        var told = new ConcurrentQueue<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "BambooOrleans",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => told.Enqueue(
                $"{span.OperationName} {span.DisplayName} {span.StatusDescription} {string.Join(' ', span.TagObjects)} {string.Join(' ', span.Events.SelectMany(happened => happened.Tags))}"),
        };
        ActivitySource.AddActivityListener(listener);
        await RunAsync();
        await Engines.Until(() => told.Any(span => span.Contains("bamboo.node.id, bad", StringComparison.Ordinal) && span.Contains("FAILED", StringComparison.Ordinal)));

        AssertHasNone(string.Join('\n', told), "a span");
        Assert.Contains(_log.Texts, line => line.StartsWith("Node bad of pipeline p failed", StringComparison.Ordinal));
        AssertHasNone(string.Join('\n', _log.Texts), "the log");
    }

    [Fact]
    public async Task A_preview_of_a_tree_has_its_secrets_masked()
    {
        MapValue inputs = await _engine.PreviewNodeInputsAsync(Build(), "a").Get();
        MapValue inner = await _engine.PreviewNodeInputsAsync(Build(), "inner", ["sp"]).Get();
        MapValue keyed = await _engine.PreviewNodeInputsAsync(Build(), "keyed", parentParams: Value.Map(("${from_context}", Context))).Get();

        Assert.Equal((SecretValues.Mask, SecretValues.Mask, "visible"), (inputs["password"], inputs["auth"], inputs["note"]));
        Assert.Equal((SecretValues.Mask, SecretValues.Mask), (inner["inherited"], inner["own"]));
        Assert.Equal((SecretValues.Mask, SecretValues.Mask), (keyed["key"], keyed["from_context"]));
        AssertHasNone(inputs.ToJson() + inner.ToJson() + keyed.ToJson(), "a preview");
    }

    [Fact]
    public async Task Secrets_are_masked_after_a_restart_and_in_an_export_they_are_true()
    {
        await RunAsync();
        PipelineExport export = await _engine.ExportAsync("p");
        await _engine.DisposeAsync();
        _engine = await Engines.OpenAsync(_store, _bench, options => Engines.Hasty(options) with
        {
            Registry = Workbench.Registry.Add<Keyed>(),
            Services = new Services(_bench, _log),
        });
        await AssertNothingShown();
        Assert.Contains(Password, Encoding.UTF8.GetString(export.Stored.Tree.Span), StringComparison.Ordinal);

        // Also where the component that declares one cannot be made, as in a program that only shows.
        var target = new MemoryStore();
        await using EmbeddedEngine other = await Engines.OpenAsync(target, _bench, options => options with { Registry = Workbench.Registry.Add<Keyed>() });
        await other.ImportAsync(export, goesOn: false);
        await AssertNothingShown(other);
    }

    [Fact]
    public async Task Pipelines_without_secrets_have_no_mask()
    {
        await _engine.RunAsync(new TreeSketch().Flow("start", "b", "end").Activity("b", "ok", ("password", Password)));

        Assert.Null(await _store.FindSecretRootAsync("p", default));
        Assert.Equal(Password, (await _engine.GetExecutionDataInputsAsync("b").Get())["password"]);
    }

    [Theory]
    [InlineData("yes")]
    [InlineData(1)]
    public void A_mark_is_true_or_false(object mark)
    {
        MapValue tree = new TreeSketch().Flow("start", "a", "end")
            .Var("${x}", TreeSketch.Plain(1).With("secret", mark is string text ? text : (Value)(int)mark)).ToValue();

        var refusal = Assert.Throws<Pipelines.PipelineTreeException>(() => Pipelines.PipelineTreeReader.Read(tree));

        Assert.Equal("pipeline.data.inputs.${x}.secret", refusal.Path);
    }

    private static MapValue Secret(MapValue variable) => variable.With("secret", true);

    private static MapValue Tree() => Sketch().ToValue();

    private static Pipelines.PipelineTree Build() => Sketch().Build();

    private static TreeSketch Sketch()
    {
        TreeSketch inner = new TreeSketch("inner_pipeline", "inner_start", "inner_end").Flow("inner_start", "inner", "inner_end")
            .Activity("inner", "ok", "legacy", Value.Map(
                ("inherited", TreeSketch.Splice("${inherited}")), ("own", Secret(TreeSketch.Plain(Nested)))), MapValue.Empty)
            .Fill("${result}", "inner", "echo inherited")
            .Outputs("${result}");
        return new TreeSketch().Flow("start", "a", "keyed", "sp", "bad", "wait", "end")
            .Var("${token}", Secret(TreeSketch.Plain(Token)))
            .Var("${auth}", TreeSketch.Splice("Bearer ${token}"))
            .Var("${open}", TreeSketch.Plain("open"))
            .Activity("a", "ok", "legacy", Value.Map(
                ("password", Secret(TreeSketch.Plain(Password))),
                ("auth", TreeSketch.Splice("${auth}")),
                ("pin", Secret(TreeSketch.Plain(Pin))),
                ("note", TreeSketch.Plain("visible"))), MapValue.Empty)
            .Activity("keyed", "keyed", "legacy", Value.Map(
                ("key", TreeSketch.Plain(Declared)), ("from_context", Secret(TreeSketch.Splice("${from_context}")))), MapValue.Empty)
            .Sub("sp", inner, ("${inherited}", "${token}"))
            .Activity("bad", "ok", "legacy", Value.Map(
                ("password", Secret(TreeSketch.Plain(Password))), ("token", TreeSketch.Splice("${token}"))), MapValue.Empty)
            .Activity("wait", "wait")
            .Fill("${leaked}", "a", "all")
            .Fill("${of_sub}", "sp", "${result}")
            .Outputs("${leaked}", "${of_sub}", "${token}");
    }

    private async Task RunAsync()
    {
        await _engine.RunPipelineAsync(Build(), new RunPipelineOptions
        {
            RootPipelineContext = Value.Map(("${from_context}", Context)),
            RootPipelineData = Value.Map(("copy", $"of {Password}")),
            Reason = $"with {Token}",
        }).Done();
        await _engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Failed, await _engine.StateOf("bad"));
    }

    private string Given(string node, string input) => ((TextValue)_given[node][input]).Value;

    private Task AssertNothingShown() => AssertNothingShown(_engine);

    // Every function of the Engine API that reads, and every verb as it is tried, for everything that there is.
    private static async Task AssertNothingShown(IBambooEngine engine)
    {
        var dispatcher = new EngineDispatcher();
        int shown = 0;
        foreach (EngineFunction function in EngineDispatcher.Functions.Values.Where(function => function.Arguments.All(argument => argument.Name != "pipeline")))
        {
            foreach (string id in Ids)
            {
                // The caller gave these.
                MapValue arguments = Value.Map(function.Arguments
                    .Where(argument => argument.IsRequired || argument.Name is "dry_run" or "wait_seconds")
                    .Select(argument => (argument.Name, argument.Name switch
                    {
                        "dry_run" => true,
                        "wait_seconds" => 1,
                        "data" or "outputs" => Value.Map(("note", "given")),
                        "flow_ids" => Value.List("f"),
                        "context_values" => Value.List(Value.Map(("key", "${open}"), ("type", "plain"), ("value", 1))),
                        _ => (Value)id,
                    })));
                MapValue answer = await dispatcher.CallAsync(engine, function.Name, arguments).WaitAsync(Engines.Patience);
                AssertHasNone(answer.ToJson(), $"{function.Name} of {id}");
                shown += answer["result"].IsTruthy ? 1 : 0;
            }
        }

        Assert.True(shown > 50);
    }

    private static void AssertHasNone(string text, string what)
    {
        foreach (string secret in All)
        {
            foreach (string form in new[]
            {
                secret, ((Value)secret).ToJson()[1..^1], Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)),
            })
            {
                Assert.False(text.Contains(form, StringComparison.Ordinal), $"{what} shows {secret}: {text}");
            }
        }
    }

    /// <summary>Declares an input as secret, and logs it.</summary>
    [Component("keyed")]
    public sealed class Keyed(Workbench bench, ILoggerFactory loggers, ILogger<Keyed> own) : Component
    {
        public override IReadOnlyList<FieldDeclaration> Inputs { get; } = [new("key", "text", true, "A key.") { IsSecret = true }];

        public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
        {
            string key = ((TextValue)context.Inputs["key"]).Value;
            loggers.CreateLogger("keyed").LogInformation("the key is {Key} for {Node}", key, context.NodeId);
            own.LogError(new InvalidOperationException($"not {key}"), "{All}", Value.Map(context.Inputs.Select(input => (input.Key, input.Value))).ToJson());
            using (own.BeginScope("in {Key}", key))
            {
                own.LogInformation("inside");
            }

            return bench.Executions["keyed"](context, cancellationToken);
        }
    }

    private sealed class Services(Workbench bench, Lines log) : IServiceProvider
    {
        private readonly LoggerFactory _factory = new([log]);

        public object? GetService(Type serviceType) =>
            serviceType == typeof(ILoggerFactory) ? _factory
            : serviceType == typeof(ILogger<Keyed>) ? new Logger<Keyed>(_factory)
            : bench.GetService(serviceType);
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Texts { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            Add(state);
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Texts.Enqueue(formatter(state, exception));
            Texts.Enqueue(exception?.ToString() ?? "");
            Add(state);
        }

        public void Dispose()
        {
        }

        private void Add(object? state)
        {
            Texts.Enqueue(state?.ToString() ?? "");
            if (state is IEnumerable<KeyValuePair<string, object?>> members)
            {
                Texts.Enqueue(string.Join(' ', members.Select(member => $"{member.Key}={member.Value}")));
            }
        }
    }
}
