namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>
/// Statements. The reference reads a template's code as statements when it looks for names and for what is forbidden, so
/// that <c>${a; b}</c> refers to both though it can never be rendered.
/// </summary>
internal sealed partial class Parser
{
    /// <summary>Parses text as a row of simple statements, an expression being one.</summary>
    /// <exception cref="SyntaxError">It is no such thing.</exception>
    public static IReadOnlyList<Node> ParseStatements(string text)
    {
        var parser = new Parser(Lexer.Read(text, linesMatter: true));
        var statements = new List<Node>();
        while (parser.Current.Kind != TokenKind.End)
        {
            statements.Add(parser.Statement());
            if (parser.Current.Kind == TokenKind.NewLine || parser.Accept(";"))
            {
                parser._at += parser.Current.Kind == TokenKind.NewLine ? 1 : 0;
            }
            else
            {
                parser.ExpectEnd();
            }
        }

        return statements;
    }

    private Node Statement()
    {
        if (Current.Kind != TokenKind.Name)
        {
            return ExpressionStatement();
        }

        switch (Current.Text)
        {
            case "pass" or "break" or "continue":
                _at++;
                return new StatementNode(false, []);
            case "del" or "assert" or "return" or "raise":
                _at++;
                return new StatementNode(false, EndsStatement() ? [] : [StarExpressions()]);
            case "global" or "nonlocal":
                _at++;
                do
                {
                    Name();
                }
                while (Accept(","));
                return new StatementNode(false, []);
            case "import" or "from":
                return Import();
            case "if" or "while" or "with":
                _at++;
                Node head = NamedExpression();
                Node[] name = Accept("as") ? [Target()] : [];
                return Compound([head, .. name]);
            case "for":
                _at++;
                Node target = Targets();
                Expect("in");
                return Compound([StarExpressions(), target]);
            case "yield":
                return new StatementNode(false, [Yield()]);
            default:
                return ExpressionStatement();
        }
    }

    // A compound statement that fits one line.
    private StatementNode Compound(Node[] head)
    {
        Expect(":");
        var parts = new List<Node>(head) { Statement() };
        while (Accept(";") && !EndsStatement())
        {
            parts.Add(Statement());
        }

        return new StatementNode(false, parts);
    }

    private Node ExpressionStatement()
    {
        Node first = StarExpressions();
        if (first is NameNode or AttributeNode or SubscriptNode && Accept(":"))
        {
            Node annotation = Expression();
            return new StatementNode(false, [ToTarget(first), annotation, .. Accept("=") ? [StarExpressions()] : Array.Empty<Node>()]);
        }

        if (!Current.Is("=") && !(Current.Kind == TokenKind.Operator && Current.Text.EndsWith('=') && Current.Text.Length > 1))
        {
            return first;
        }

        if (!Current.Is("="))
        {
            bool changes = Current.Text is not (":=" or "==" or "!=" or "<=" or ">=") && first is NameNode;
            Node target = changes ? first : throw Unexpected(Current);
            _at++;
            return new StatementNode(false, [ToTarget(target), StarExpressions()]);
        }

        List<Node> parts = [first];
        while (Accept("="))
        {
            parts.Add(Current.Is("yield") ? Yield() : StarExpressions());
        }

        // The value is looked at before the targets.
        return new StatementNode(false, [parts[^1], .. parts.SkipLast(1).Select(ToTarget)]);
    }

    private StatementNode Import()
    {
        var bound = new List<Node>();
        bool from = Accept("from");
        if (from)
        {
            while (Accept(".") || Accept("..."))
            {
            }

            if (!Current.Is("import"))
            {
                DottedName();
            }
        }

        Expect("import");
        if (from && Accept("*"))
        {
            throw new SyntaxError("import * is not supported");
        }

        bool open = from && Accept("(");
        do
        {
            string name = from ? Name() : DottedName();
            bound.Add(new BindNode(Accept("as") ? Name() : name));
        }
        while (Accept(",") && !Current.Is(")"));
        if (open)
        {
            Expect(")");
        }

        return new StatementNode(true, bound);
    }

    // The first part is what an import binds.
    private string DottedName()
    {
        string first = Name();
        while (Accept("."))
        {
            Name();
        }

        return first;
    }

    private bool EndsStatement() => Current.Kind is TokenKind.End or TokenKind.NewLine || Current.Is(";");

    private static Node ToTarget(Node node) => node switch
    {
        NameNode name => new BindNode(name.Name),
        TupleNode tuple => new TupleNode([.. tuple.Items.Select(ToTarget)]),
        ListNode list => new TupleNode([.. list.Items.Select(ToTarget)]),
        StarredNode starred => new StarredNode(ToTarget(starred.Items)),
        AttributeNode or SubscriptNode => node,
        _ => throw new SyntaxError("cannot assign to this"),
    };
}
