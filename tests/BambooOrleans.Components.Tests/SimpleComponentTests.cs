using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Hosting;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Components.Tests;

public sealed class SimpleComponentTests
{
    [Fact]
    public void Every_built_in_component_can_be_registered()
    {
        ComponentRegistry registry = new ComponentRegistry().AddAssembly(BuiltInComponents.Assembly);

        Assert.Equal(
            ["assign", "http_poll", "http_request", "log", "shell", "sleep", "wait_callback"],
            registry.Components.Select(component => component.Code));
        Assert.Equal(7, BuiltInComponents.Types.Count);
    }

    [Fact]
    public async Task Assign_gives_each_input_as_it_was_rendered()
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new AssignComponent(), ("a", 1), ("b", Value.List("x", 1.5)));

        Assert.True(success);
        Assert.Equal(Value.Map(("a", 1), ("b", Value.List("x", 1.5))), context.Outputs.Build());
    }

    [Fact]
    public async Task Log_writes_the_message_and_gives_it()
    {
        var lines = new List<string>();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(new Lines(lines)));

        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new LogComponent(loggers), ("message", "hello"), ("level", "warning"));

        Assert.True(success);
        Assert.Equal("hello", context.Outputs["message"]);
        Assert.Equal(["Warning n: hello"], lines);
    }

    [Fact]
    public async Task Log_works_without_a_log_and_with_any_value()
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(new LogComponent(), ("message", Value.List(1, 2)));

        Assert.True(success);
        Assert.Equal(Value.List(1, 2), context.Outputs["message"]);
    }

    [Fact]
    public async Task An_input_that_is_missing_or_wrong_is_named_in_one_line()
    {
        (bool missing, ComponentContext first) = await Attempts.ExecuteAsync(new LogComponent());
        (bool wrong, ComponentContext second) = await Attempts.ExecuteAsync(
            new LogComponent(), ("message", "x"), ("level", "loud"));

        Assert.False(missing);
        Assert.Equal("the input \"message\" is missing", first.ExData());
        Assert.False(wrong);
        Assert.Equal("the input \"level\" must be debug, info, warning or error, but is \"loud\"", second.ExData());
    }

    [Fact]
    public async Task A_callback_becomes_an_output()
    {
        ComponentContext context = Attempts.Context(MapValue.Empty);

        ComponentResult result = await new WaitCallbackComponent().ScheduleAsync(context, Value.Map(("by", "ada")), default);

        Assert.True(result.IsSuccess);
        Assert.Equal(Value.Map(("by", "ada")), context.Outputs["callback_data"]);
        Assert.Equal(ScheduleKind.Callback, new WaitCallbackComponent().Schedule.Kind);
    }

    [Fact]
    public async Task A_callback_whose_result_is_false_fails_with_its_message()
    {
        ComponentContext context = Attempts.Context(MapValue.Empty);

        ComponentResult result = await new WaitCallbackComponent().ScheduleAsync(
            context, Value.Map(("result", false), ("message", "not today")), default);

        Assert.False(result.IsSuccess);
        Assert.Equal("not today", context.ExData());
    }

    private sealed class Lines(List<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add($"{logLevel} {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
