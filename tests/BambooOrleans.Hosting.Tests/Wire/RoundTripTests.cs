using System.Reflection;
using BambooOrleans.Building;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting.Tests.Wire;

/// <summary>Arguments, data and errors of every method are the same at the other end.</summary>
public class RoundTripTests
{
    private static readonly MethodInfo[] Calls =
        [.. typeof(IBambooEngine).GetMethods().Where(method => method.Name != nameof(IBambooEngine.ReadJournalAsync))];

    public static TheoryData<string, bool> MethodsAndSamples
    {
        get
        {
            var rows = new TheoryData<string, bool>();
            foreach (MethodInfo method in Calls)
            {
                rows.Add(method.Name, true);
                rows.Add(method.Name, false);
            }

            return rows;
        }
    }

    /// <summary>An error of every type that a library of the engine has.</summary>
    private static BambooException[] Errors =>
    [
        new NotFoundException("there is no node a"),
        new InvalidOperationVerbException("callback.not-waiting", "can not find sleep process"),
        new InvalidOperationVerbException("resume.not-scheduled", "no resume"),
        new InvalidOperationVerbException("retry.not-retryable", "no retry"),
        new InvalidOperationVerbException("revoke.not-a-root", "no revoke"),
        new InvalidOperationVerbException("skip.not-skippable", "no skip"),
        new InvalidOperationVerbException("verb.not-failed", "a state is not FAILED, actual RUNNING"),
        new IllegalTransitionException("can't not transit"),
        new StateVersionMismatchException("v1 is not v2"),
        new AlreadyExistsException("the id p belongs to a pipeline"),
        new InvalidArgumentException("data is missing"),
        new EngineOverloadedException("50 pipelines are active already"),
        new EngineUnavailableException("the engine is closed"),
        new PipelineFileException("export.damaged", "the file is damaged: its last line is missing"),
        new StoreUnavailableException("store.in-use", "another engine owns it"),
        new ConnectionValidateException(new Dictionary<string, IReadOnlyList<string>> { ["b"] = ["x", "y"], ["a"] = ["z"] }),
        new TreeInvalidException(["a", "b", "a"], "the flows: lead round: in a circle"),
        new TreeInvalidException([.. Enumerable.Range(0, 50).Select(number => $"n{number}")], "a long circle"),
        new ConvergeMatchException("cg", "gateway \"cg\" is doubtful"),
        new StreamValidateException("n", ""),
        new IsolateNodeException("n"),
        new StartPositionInvalidException("n"),
        new PipelineTreeException(PipelineTreeErrors.WrongType, "pipeline.activities.a", "must be: text"),
        new PipelineBuildException("builder.circle", "a", "leads to itself"),
        new HydrationException("${x}: no"),
        new BooleanRuleException("1 == x", "NameError", "name 'x' is not defined"),
        new BooleanRuleParseException("1 = 1", 2, "an operator was expected"),
        new ExpressionBudgetException("The expressions need more than 1 bytes."),
        new ExpressionException("${a}", "a is not there"),
        new ExpressionException("", "the inputs are nested too deep"),
        new UnknownCodeException("component.unknown", "the component nobody of a is not registered"),
        new UnknownCodeException("end-event.unknown", "no end event"),
        new UnknownCodeException("lazy-variable.unknown", "no lazy variable"),
        new RemoteFailureException("internal", "Object reference not set"),
    ];

    // They are what nodes fail with, never what the Engine API answers, and do not tell what they were made of.
    private static BambooException[] WithoutTheirType => [new TimeLimitException(TimeSpan.FromSeconds(1.5)), new LostExecutionException("a")];

    [Theory]
    [MemberData(nameof(MethodsAndSamples))]
    public async Task Arguments_and_data_arrive_as_they_were(string name, bool full)
    {
        MethodInfo method = typeof(IBambooEngine).GetMethod(name)!;
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();
        object?[] given = [.. method.GetParameters().Select(new Samples(full).Of)];
        object? data = method.ReturnType.GetGenericArguments()[0] is { IsGenericType: true } result
            ? new Samples(full).Of(result.GetGenericArguments()[0])
            : null;
        answers.Answer = (_, _) => Answer(data);

        Task<EngineApiResult> Direct() => ResultOf((Task)Answer(data));
        EngineApiResult remote = await ResultOf((Task)method.Invoke(AnsweringEngine.Beyond(engine), given)!);

        (MethodInfo called, object?[] arrived) = Assert.Single(answers.Calls);
        Assert.Equal(name, called.Name);
        Assert.Equal(ArgumentsOf(method, given), ArgumentsOf(method, arrived));
        Assert.Equal(Shape.Of(await Direct()), Shape.Of(remote));

        object Answer(object? with) => with is null
            ? Task.FromResult(EngineApiResult.Success)
            : typeof(Task).GetMethod(nameof(Task.FromResult))!.MakeGenericMethod(method.ReturnType.GetGenericArguments()[0])
                .Invoke(null, [OfData(with)])!;

        object OfData(object with) => typeof(EngineApiResult).GetMethod(nameof(EngineApiResult.Of))!
            .MakeGenericMethod(method.ReturnType.GetGenericArguments()[0].GetGenericArguments()[0]).Invoke(null, [with])!;
    }

    [Fact]
    public async Task Errors_keep_type_code_message_and_what_else_they_say()
    {
        foreach (BambooException error in Errors)
        {
            (EngineApiResult plain, EngineApiResult<MapValue> withData) = await FailAsync(error);

            Assert.Equal(Shape.Of(EngineApiResult.Fail(error)), Shape.Of(plain));
            Assert.Equal(Shape.Of(EngineApiResult.Fail<MapValue>(error)), Shape.Of(withData));
        }
    }

    [Fact]
    public async Task Errors_without_a_type_at_the_other_end_keep_code_and_message()
    {
        foreach (Exception error in (Exception[])[.. WithoutTheirType, new InvalidOperationException("unforeseen")])
        {
            EngineApiResult direct = EngineApiResult.Fail(error);
            (EngineApiResult remote, _) = await FailAsync(error);

            Assert.IsType<RemoteFailureException>(remote.Error);
            Assert.Equal((direct.Result, direct.ErrorCode, direct.Message), (remote.Result, remote.ErrorCode, remote.Message));
        }
    }

    [Fact]
    public void Every_type_of_error_of_the_engines_libraries_is_among_those_tried()
    {
        Type[] types =
        [
            .. new[] { typeof(BambooException), typeof(ExpressionException), typeof(UnknownCodeException), typeof(IEngineStore) }
                .SelectMany(type => type.Assembly.GetTypes())
                .Where(type => type.IsSubclassOf(typeof(BambooException)) && !type.IsAbstract),
        ];

        Assert.True(types.Length > 20);
        Assert.Empty(types.Except(Errors.Concat(WithoutTheirType).Select(error => error.GetType())));
    }

    [Theory]
    [InlineData("tree.converge", "worded otherwise")]
    [InlineData("tree.cycle", "without its details")]
    [InlineData("of-another-version", "unknown here")]
    public void An_error_that_cannot_be_made_again_is_a_general_one_with_its_code_and_message(string code, string message)
    {
        BambooException error = EngineErrors.Create(code, message, Value.Map(("gateway_id", "pg")));

        Assert.IsType<RemoteFailureException>(error);
        Assert.Equal((code, message), (error.Code, error.Message));
    }

    private static async Task<(EngineApiResult Plain, EngineApiResult<MapValue> WithData)> FailAsync(Exception error)
    {
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        answers.Answer = (_, _) => Task.FromResult(EngineApiResult.Fail(error));
        EngineApiResult plain = await remote.WaitUntilSettledAsync("p");
        answers.Answer = (_, _) => Task.FromResult(EngineApiResult.Fail<MapValue>(error));
        return (plain, await remote.GetExecutionDataInputsAsync("a"));
    }

    private static async Task<EngineApiResult> ResultOf(Task call)
    {
        await call;
        return (EngineApiResult)call.GetType().GetProperty(nameof(Task<int>.Result))!.GetValue(call)!;
    }

    // Options that are not given are the default ones, and a time counts only where the verb heeds it.
    private static string ArgumentsOf(MethodInfo method, object?[] arguments) => string.Join('\n', method.GetParameters()
        .Where(parameter => parameter.ParameterType != typeof(CancellationToken))
        .Select(parameter => (parameter.Name, Value: arguments[parameter.Position]) switch
        {
            ("options" or "filter", null) => Activator.CreateInstance(parameter.ParameterType),
            ("options", VerbOptions options) when !method.Name.StartsWith("Resume", StringComparison.Ordinal) => options with { At = null },
            ("subprocessStack", null) => Array.Empty<string>(),
            (_, PipelineTree tree) => tree.Source,
            (_, var value) => value,
        })
        .Select(Shape.Of));
}
