using BambooOrleans.TestPostgres;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace BambooOrleans.Storage.Tests;

/// <summary>A class of tests that needs a private PostgreSQL, whichever tests it inherits.</summary>
public interface INeedsPostgres;

/// <summary>A test of every store; skipped, with the reason, for a store that this machine has no server for.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("BambooOrleans.Storage.Tests.ComplianceFactDiscoverer", "BambooOrleans.Storage.Tests")]
public sealed class ComplianceFactAttribute : FactAttribute;

/// <summary>A theory of every store; skipped, with the reason, for a store that this machine has no server for.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("BambooOrleans.Storage.Tests.ComplianceTheoryDiscoverer", "BambooOrleans.Storage.Tests")]
public sealed class ComplianceTheoryAttribute : TheoryAttribute;

/// <summary>Finds the tests of <see cref="ComplianceFactAttribute"/>.</summary>
public sealed class ComplianceFactDiscoverer(IMessageSink messages) : FactDiscoverer(messages)
{
    /// <inheritdoc/>
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        NoServerTestCase.Applies(testMethod)
            ? new NoServerTestCase(DiagnosticMessageSink, discoveryOptions, testMethod)
            : base.CreateTestCase(discoveryOptions, testMethod, factAttribute);
}

/// <summary>Finds the tests of <see cref="ComplianceTheoryAttribute"/>.</summary>
public sealed class ComplianceTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    /// <inheritdoc/>
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        NoServerTestCase.Applies(testMethod)
            ? [new NoServerTestCase(DiagnosticMessageSink, discoveryOptions, testMethod)]
            : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}

/// <summary>A test that is skipped because there is no server.</summary>
public sealed class NoServerTestCase : XunitTestCase
{
    [Obsolete("For deserialization only")]
    public NoServerTestCase()
    {
    }

    internal NoServerTestCase(IMessageSink messages, ITestFrameworkDiscoveryOptions options, ITestMethod method)
        : base(messages, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method)
    {
    }

    internal static bool Applies(ITestMethod method) =>
        PrivatePostgres.WhyNotAvailable is not null
        && typeof(INeedsPostgres).IsAssignableFrom(method.TestClass.Class.ToRuntimeType());

    /// <inheritdoc/>
    protected override string GetSkipReason(IAttributeInfo factAttribute) => PrivatePostgres.WhyNotAvailable!;
}
