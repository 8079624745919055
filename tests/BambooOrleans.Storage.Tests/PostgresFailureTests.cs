using Npgsql;

namespace BambooOrleans.Storage.Tests;

public sealed class PostgresFailureTests
{
    [Theory]
    [InlineData("Failed to connect to 127.0.0.1:5432", "Connection refused", "Failed to connect to 127.0.0.1:5432: Connection refused")]
    [InlineData("Name or service not known", "Name or service not known", "Name or service not known")]
    [InlineData("The connection pool has been exhausted", null, "The connection pool has been exhausted")]
    public void The_reason_has_what_is_below_it_unless_that_says_the_same(string message, string? below, string reason)
    {
        var failure = new NpgsqlException(message, below is null ? null : new IOException(below));

        Assert.Equal(reason, PostgresFailure.Reason(failure));
    }
}
