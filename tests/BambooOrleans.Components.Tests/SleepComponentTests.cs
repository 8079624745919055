using BambooOrleans.Components.BuiltIn;

namespace BambooOrleans.Components.Tests;

public sealed class SleepComponentTests
{
    [Fact]
    public async Task It_polls_again_when_the_rest_of_the_time_has_passed()
    {
        var clock = new Clock();
        (_, ComponentContext context) = await Attempts.ExecuteAsync(new SleepComponent(clock), ("seconds", 10));
        clock.Now += TimeSpan.FromSeconds(4);

        var component = new SleepComponent(clock);
        ComponentContext poll = Attempts.Poll(context);
        ComponentResult result = await component.ScheduleAsync(poll, null, default);

        Assert.True(result.IsSuccess);
        Assert.False(poll.IsScheduleFinished);
        Assert.Equal(TimeSpan.FromSeconds(6), component.Schedule.IntervalAfter(1));
    }

    [Theory]
    [InlineData(9.999, false)]
    [InlineData(10, true)]
    [InlineData(1000, true)]
    public async Task It_ends_when_the_time_has_passed_and_not_before(double seconds, bool isDone)
    {
        var clock = new Clock();
        (_, ComponentContext context) = await Attempts.ExecuteAsync(new SleepComponent(clock), ("seconds", 10));
        clock.Now += TimeSpan.FromSeconds(seconds);

        ComponentContext poll = Attempts.Poll(context);
        await new SleepComponent(clock).ScheduleAsync(poll, null, default);

        Assert.Equal(isDone, poll.IsScheduleFinished);
    }

    [Fact]
    public async Task A_long_wait_is_taken_in_steps()
    {
        var clock = new Clock();
        (_, ComponentContext context) = await Attempts.ExecuteAsync(new SleepComponent(clock), ("seconds", 100 * 3600));

        var component = new SleepComponent(clock);
        await component.ScheduleAsync(Attempts.Poll(context), null, default);

        Assert.Equal(TimeSpan.FromHours(1), component.Schedule.IntervalAfter(1));
    }

    [Fact]
    public async Task Text_from_a_template_is_taken_as_a_number()
    {
        (bool success, _) = await Attempts.ExecuteAsync(new SleepComponent(new Clock()), ("seconds", "0.5"));

        Assert.True(success);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("\"soon\"")]
    [InlineData("\"NaN\"")]
    [InlineData("1e300")]
    [InlineData("[1]")]
    [InlineData("null")]
    public async Task A_time_that_is_none_fails(string seconds)
    {
        (bool success, ComponentContext context) = await Attempts.ExecuteAsync(
            new SleepComponent(new Clock()), ("seconds", Value.ParseJson(seconds)));

        Assert.False(success);
        Assert.StartsWith("the input \"seconds\" ", context.ExData(), StringComparison.Ordinal);
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
