using Xunit;

namespace BambooOrleans.TestPostgres;

/// <summary>A test that needs a private PostgreSQL; skipped, with the reason, where the machine has none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PrivatePostgres.WhyNotAvailable;
}
