using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using BambooOrleans.Core.Expressions.Types;

namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>
/// What is forbidden in an expression. There is nothing here that could be escaped to; the rules are kept because a
/// template that the reference leaves as written must be left by us.
/// </summary>
internal sealed class SafetyCheck
{
    private static readonly FrozenSet<string> ForbiddenMethods = new[] { "format", "format_map" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Reserved = new[]
    {
        "self", "context", "local", "parent", "next", "caller", "pageargs", "UNDEFINED", "STOP_RENDERING",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> DangerousAttributes = new[]
    {
        "os", "sys", "subprocess", "shutil", "ctypes", "socket", "_thread", "threading", "builtins", "__builtins__", "modules",
        "popen", "popen2", "popen3", "popen4", "system", "spawnl", "spawnle", "spawnlp", "spawnlpe", "spawnv", "spawnve",
        "spawnvp", "spawnvpe", "execl", "execle", "execlp", "execlpe", "execv", "execve", "execvp", "execvpe", "fork",
        "forkpty", "kill",
    }.ToFrozenSet(StringComparer.Ordinal);

    private readonly Stack<HashSet<string>> _scopes = [];
    private readonly List<string> _needed = [];

    private SafetyCheck()
    {
    }

    /// <summary>What is forbidden whatever the options are, or null.</summary>
    public string? Failure { get; private set; }

    /// <summary>What the list of allowed names forbids whatever the context is, or null.</summary>
    public string? Refusal { get; private set; }

    /// <summary>The names that are neither allowed by themselves nor bound where they are read.</summary>
    public IReadOnlyList<string> Needed => _needed;

    /// <summary>Whether there is a <c>yield</c>.</summary>
    public bool Yields { get; private set; }

    public static SafetyCheck Of(IEnumerable<Node> nodes)
    {
        var check = new SafetyCheck();
        foreach (Node node in nodes)
        {
            check.Visit(node);
        }

        return check;
    }

    private void Visit(Node node)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SyntaxError("too deeply nested");
        }

        switch (node)
        {
            case NameNode name:
                VisitName(name.Name);
                return;
            case BindNode bind:
                Failure ??= bind.Name.StartsWith("__", StringComparison.Ordinal) ? $"the name {bind.Name} is forbidden" : null;
                return;
            case AttributeNode attribute:
                VisitAttribute(attribute.Name);
                break;
            case SubscriptNode { Index: ConstantNode { Value: string key } } when key.StartsWith("__", StringComparison.Ordinal):
                Failure ??= $"the key {key} is forbidden";
                break;
            case CallNode call when Repeated(call.Arguments) is { } repeated:
                Failure ??= $"keyword argument repeated: {repeated}";
                break;
            case StatementNode { IsImport: true }:
                Failure ??= "import is forbidden";
                break;
            case YieldNode when _scopes.Count > 0:
                Failure ??= "yield is not supported here";
                break;
            case YieldNode:
                Yields = true;
                break;
            case LambdaNode lambda:
                VisitWithin(node, lambda.Parameters.Select(parameter => parameter.Name));
                return;
            case ComprehensionNode comprehension:
                VisitWithin(node, comprehension.Clauses.SelectMany(clause => Targets(clause.Target)));
                return;
        }

        foreach (Node child in NodeWalk.Children(node))
        {
            Visit(child);
        }
    }

    private void VisitWithin(Node node, IEnumerable<string> names)
    {
        _scopes.Push(new HashSet<string>(names, StringComparer.Ordinal));
        foreach (Node child in NodeWalk.Children(node))
        {
            Visit(child);
        }

        _scopes.Pop();
    }

    private void VisitName(string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
        {
            Failure ??= $"the name {name} is forbidden";
        }

        if (Reserved.Contains(name))
        {
            Refusal ??= $"the name {name} is reserved";
        }
        else if (!Builtins.Allowed.Contains(name) && !_needed.Contains(name) && !_scopes.Any(scope => scope.Contains(name)))
        {
            _needed.Add(name);
        }
    }

    private void VisitAttribute(string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal) || ForbiddenMethods.Contains(name))
        {
            Failure ??= $"the attribute {name} is forbidden";
        }

        if (name.StartsWith('_') || DangerousAttributes.Contains(name))
        {
            Refusal ??= $"the attribute {name} is not allowed";
        }
    }

    private static string? Repeated(IReadOnlyList<ArgumentNode> arguments) => arguments
        .Where(argument => argument.Kind == ArgumentKind.Named)
        .GroupBy(argument => argument.Name, StringComparer.Ordinal)
        .FirstOrDefault(group => group.Count() > 1)?.Key;

    private static IEnumerable<string> Targets(Node target) => target switch
    {
        BindNode bind => [bind.Name],
        StarredNode starred => Targets(starred.Items),
        TupleNode tuple => tuple.Items.SelectMany(Targets),
        _ => [],
    };
}
