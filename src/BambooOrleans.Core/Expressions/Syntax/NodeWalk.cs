namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>The parts of a node, in the order in which Python's own tree lists them.</summary>
internal static class NodeWalk
{
    public static IEnumerable<Node> Children(Node node) => node switch
    {
        TupleNode tuple => tuple.Items,
        ListNode list => list.Items,
        StarredNode starred => [starred.Items],
        UnaryNode unary => [unary.Operand],
        BinaryNode binary => [binary.Left, binary.Right],
        BooleanNode boolean => boolean.Operands,
        ComparisonNode comparison => [comparison.Left, .. comparison.Rights],
        ConditionalNode conditional => [conditional.Condition, conditional.Then, conditional.Else],
        AttributeNode attribute => [attribute.Target],
        SubscriptNode subscript => [subscript.Target, subscript.Index],
        SliceNode slice => new[] { slice.Start, slice.Stop, slice.Step }.OfType<Node>(),
        CallNode call => [call.Function, .. Ordered(call.Arguments)],
        LambdaNode lambda => [.. lambda.Parameters.Select(parameter => parameter.Default).OfType<Node>(), lambda.Body],
        ComprehensionNode comprehension => [comprehension.Element, .. comprehension.Clauses.SelectMany(Parts)],
        AssignmentNode assignment => [assignment.Target, assignment.Value],
        YieldNode { Value: { } value } => [value],
        StatementNode statement => statement.Parts,
        _ => [],
    };

    /// <summary>Arguments by place first, then those by name.</summary>
    public static IEnumerable<Node> Ordered(IReadOnlyList<ArgumentNode> arguments) =>
        arguments.OrderBy(argument => argument.Kind is ArgumentKind.Named or ArgumentKind.DoubleStar).Select(argument => argument.Value);

    private static IEnumerable<Node> Parts(ForNode clause) => [clause.Target, clause.Items, .. clause.Conditions];
}
