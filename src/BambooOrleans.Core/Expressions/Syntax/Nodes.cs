namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>A node of a parsed expression. Nodes never change and are shared by every rendering.</summary>
internal abstract record Node;

/// <summary>A literal: a Python object that cannot change.</summary>
internal sealed record ConstantNode(object Value) : Node;

/// <summary>A name that is read.</summary>
internal sealed record NameNode(string Name) : Node;

/// <summary><c>a, b</c></summary>
internal sealed record TupleNode(IReadOnlyList<Node> Items) : Node;

/// <summary><c>[a, b]</c></summary>
internal sealed record ListNode(IReadOnlyList<Node> Items) : Node;

/// <summary><c>*items</c> in a list, a tuple or a call.</summary>
internal sealed record StarredNode(Node Items) : Node;

/// <summary><c>-a</c>, <c>+a</c>, <c>~a</c> or <c>not a</c>.</summary>
internal sealed record UnaryNode(string Operator, Node Operand) : Node;

/// <summary><c>a + b</c> and the other operators of two.</summary>
internal sealed record BinaryNode(string Operator, Node Left, Node Right) : Node;

/// <summary><c>a and b and c</c>, or the same with <c>or</c>.</summary>
internal sealed record BooleanNode(bool IsAnd, IReadOnlyList<Node> Operands) : Node;

/// <summary><c>a &lt; b &lt;= c</c>: one operator more than rights.</summary>
internal sealed record ComparisonNode(Node Left, IReadOnlyList<string> Operators, IReadOnlyList<Node> Rights) : Node;

/// <summary><c>a if condition else b</c></summary>
internal sealed record ConditionalNode(Node Condition, Node Then, Node Else) : Node;

/// <summary><c>target.Name</c></summary>
internal sealed record AttributeNode(Node Target, string Name) : Node;

/// <summary><c>target[index]</c></summary>
internal sealed record SubscriptNode(Node Target, Node Index) : Node;

/// <summary><c>a:b:c</c> between brackets.</summary>
internal sealed record SliceNode(Node? Start, Node? Stop, Node? Step) : Node;

/// <summary>A call.</summary>
internal sealed record CallNode(Node Function, IReadOnlyList<ArgumentNode> Arguments) : Node;

/// <summary>One argument of a call.</summary>
/// <param name="Kind">How it is passed.</param>
/// <param name="Name">Its name, for a named one.</param>
/// <param name="Value">What is passed.</param>
internal sealed record ArgumentNode(ArgumentKind Kind, string? Name, Node Value);

/// <summary>How an argument is passed.</summary>
internal enum ArgumentKind
{
    /// <summary><c>f(a)</c></summary>
    Positional,

    /// <summary><c>f(name=a)</c></summary>
    Named,

    /// <summary><c>f(*a)</c></summary>
    Star,

    /// <summary><c>f(**a)</c></summary>
    DoubleStar,
}

/// <summary><c>lambda a, b=1: body</c></summary>
internal sealed record LambdaNode(IReadOnlyList<ParameterNode> Parameters, Node Body) : Node;

/// <summary>A parameter of a lambda.</summary>
internal sealed record ParameterNode(ParameterKind Kind, string Name, Node? Default);

/// <summary>How a parameter takes its argument.</summary>
internal enum ParameterKind
{
    /// <summary>Before a lone <c>/</c>: by place only.</summary>
    PositionalOnly,

    /// <summary>By place or by name.</summary>
    Plain,

    /// <summary><c>*rest</c></summary>
    Star,

    /// <summary>After a star: by name only.</summary>
    NamedOnly,

    /// <summary><c>**rest</c></summary>
    DoubleStar,
}

/// <summary><c>[element for …]</c> or <c>(element for …)</c>.</summary>
internal sealed record ComprehensionNode(bool IsList, Node Element, IReadOnlyList<ForNode> Clauses) : Node;

/// <summary><c>for target in items if condition</c></summary>
internal sealed record ForNode(Node Target, Node Items, IReadOnlyList<Node> Conditions);

/// <summary>A name that is bound.</summary>
internal sealed record BindNode(string Name) : Node;

/// <summary><c>(name := value)</c></summary>
internal sealed record AssignmentNode(BindNode Target, Node Value) : Node;

/// <summary><c>(yield value)</c>. In a template it makes the whole of it a generator that nobody runs.</summary>
internal sealed record YieldNode(Node? Value) : Node;

/// <summary>
/// A statement that is no expression. A template with one is never rendered, yet the names in it count as references.
/// </summary>
/// <param name="IsImport">Whether it imports.</param>
/// <param name="Parts">The names that it reads and binds, in the order in which they count.</param>
internal sealed record StatementNode(bool IsImport, IReadOnlyList<Node> Parts) : Node;
