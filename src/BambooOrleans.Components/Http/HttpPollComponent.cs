using System.Globalization;

namespace BambooOrleans.Components.BuiltIn;

/// <summary>
/// Asks a server again and again until a member of its JSON answer has a value: how a pipeline waits for work that was
/// started elsewhere. Between two requests it is a timer of the engine and nothing else, and it goes on after a restart.
/// </summary>
/// <param name="options">What it may do; null for the defaults.</param>
[Component("http_poll", Description = "Asks over HTTP until a member of the JSON answer has a value.")]
public sealed class HttpPollComponent(HttpComponentOptions? options = null) : BuiltInComponent
{
    private const double IntervalSecondsMax = 24 * 3600;

    private readonly HttpComponentOptions _options = options ?? new HttpComponentOptions();
    private TimeSpan _interval;

    /// <inheritdoc/>
    public override Schedule Schedule => Schedule.Poll(_ => _interval);

    /// <inheritdoc/>
    public override TimeSpan? TimeLimit => _options.TimeLimitMax + TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Inputs { get; } =
    [
        new("url", "text", true, "What to ask, with http:// or https://."),
        new("until_key", "text", true, "The member of the JSON answer to look at, with dots into inner ones: status or job.state."),
        new("until_value", "any", true, "The value at which the node is done."),
        new("fail_values", "list", false, "Values at which the node fails."),
        new("interval_seconds", "float", false, "The wait between two requests, in seconds; 5 where it is left out."),
        new("polls_max", "int", false, "How many requests at the most; 1000 where it is left out."),
        new("headers", "map", false, "Headers by name."),
        new("timeout_seconds", "float", false, "How long one request may take, in seconds; 30 where it is left out."),
        new("response_bytes_max", "int", false, "The largest response, in bytes; never above the engine's own limit."),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Outputs { get; } =
    [
        new("value", "any", true, "What the member was at the last request."),
        new("last_error", "text", false, "Why the last request failed, where it did."),
        new("polls", "int", true, "How many requests were made."),
        new("status_code", "int", true, "The status of the last response."),
        new("headers", "map", true, "Its headers by name in lower case."),
        new("body", "text", true, "Its body."),
        new("json", "any", true, "The body read as JSON; null where it is none."),
    ];

    /// <inheritdoc/>
    protected override Task<ComponentResult> RunAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        // Wrong inputs are told at once, and not when the first answer is there.
        context.RequiredText("url");
        context.RequiredText("until_key");
        Interval(context);
        PollsMax(context);
        FailValues(context);
        return context.Inputs.ContainsKey("until_value")
            ? Task.FromResult(ComponentResult.Ok)
            : throw new ComponentInputException("until_value", "is missing");
    }

    /// <inheritdoc/>
    protected override async Task<ComponentResult> GoOnAsync(
        ComponentContext context, Value? callbackData, CancellationToken cancellationToken)
    {
        int polls = context.ScheduleTimes + 1;
        context.SetOutput("polls", polls);
        bool isSuccess = await AskAsync(context, cancellationToken).ConfigureAwait(false);
        string key = context.RequiredText("until_key");
        Value value = isSuccess ? Member(context.Outputs["json"], key) : Value.Null;
        context.SetOutput("value", value);
        if (isSuccess && value.Equals(context.Input("until_value")))
        {
            context.FinishSchedule();
            return ComponentResult.Ok;
        }

        if (isSuccess && FailValues(context).Contains(value))
        {
            return context.Fail($"{key} is {value.ToJson()}");
        }

        if (polls >= PollsMax(context))
        {
            return context.Fail(string.Create(
                CultureInfo.InvariantCulture, $"{key} is {value.ToJson()} after {polls} requests, and not {context.Input("until_value").ToJson()}"));
        }

        _interval = Interval(context);
        return ComponentResult.Ok;
    }

    // A server that cannot be reached for a while, or answers with an error, is asked again. A request that is not allowed is not.
    private async Task<bool> AskAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        try
        {
            bool isSuccess = await HttpCall.SendAsync(context, _options, HttpMethod.Get, cancellationToken).ConfigureAwait(false);
            context.Outputs.Remove("last_error");
            return isSuccess;
        }
        catch (HttpCallException failure)
        {
            context.SetOutput("last_error", failure.Message);
            return false;
        }
    }

    private static Value Member(Value json, string key)
    {
        Value at = json;
        foreach (string name in key.Split('.'))
        {
            at = at is MapValue map && map.TryGetValue(name, out Value? member) ? member : Value.Null;
        }

        return at;
    }

    private static TimeSpan Interval(ComponentContext context) =>
        TimeSpan.FromSeconds(context.OptionalNumber("interval_seconds", 0, IntervalSecondsMax) ?? 5);

    private static double PollsMax(ComponentContext context) => context.OptionalNumber("polls_max", 1, int.MaxValue) ?? 1000;

    private static IEnumerable<Value> FailValues(ComponentContext context) => context.Input("fail_values") switch
    {
        NullValue => [],
        ListValue list => list,
        Value other => throw new ComponentInputException("fail_values", $"must be a list, but is {other.ToJson()}"),
    };
}
