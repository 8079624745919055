using Xunit;

namespace BambooOrleans.TestPostgres;

/// <summary>A theory that needs a private PostgreSQL; skipped, with the reason, where the machine has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresTheoryAttribute : TheoryAttribute
{
    public PostgresTheoryAttribute() => Skip = PrivatePostgres.WhyNotAvailable;
}
