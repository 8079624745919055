using System.Runtime.CompilerServices;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>
/// Parses the Python expressions that a template can hold. Braces cannot be inside a template, so there are no dict and
/// set displays.
/// </summary>
internal sealed partial class Parser
{
    // Brackets are limited by the lexer; this is for what nests without them, such as a row of signs or lambdas.
    private const int DepthMax = 1000;

    private readonly List<Token> _tokens;
    private readonly Dictionary<(Type Type, object Value), ConstantNode> _constants = [];
    private int _at;
    private int _depth;

    private Parser(List<Token> tokens) => _tokens = tokens;

    private Token Current => _tokens[_at];

    /// <summary>Parses text as it stands between the parentheses of a call.</summary>
    /// <exception cref="SyntaxError">It cannot stand there.</exception>
    public static IReadOnlyList<ArgumentNode> ParseArguments(string text)
    {
        var parser = new Parser(Lexer.Read(text, linesMatter: false));
        List<ArgumentNode> arguments = parser.Arguments();
        parser.ExpectEnd();
        return arguments;
    }

    private Node Expression()
    {
        if (Current.Is("lambda"))
        {
            return Lambda();
        }

        Enter();
        Node value = Disjunction();
        if (Accept("if"))
        {
            Node condition = Disjunction();
            Expect("else");
            value = new ConditionalNode(condition, value, Expression());
        }

        Leave();
        return value;
    }

    // An expression, or name := expression.
    private Node NamedExpression()
    {
        if (Current.Kind == TokenKind.Name && !Lexer.IsKeyword(Current.Text) && _tokens[_at + 1].Is(":="))
        {
            string name = Current.Text;
            _at += 2;
            return new AssignmentNode(new BindNode(name), Expression());
        }

        Node value = Expression();
        return Current.Is(":=") ? throw new SyntaxError("cannot use assignment expressions with that target") : value;
    }

    private Node Disjunction() => Operands(Conjunction, "or", isAnd: false);

    private Node Conjunction() => Operands(Inversion, "and", isAnd: true);

    private Node Operands(Func<Node> operand, string word, bool isAnd)
    {
        Node first = operand();
        if (!Current.Is(word))
        {
            return first;
        }

        var operands = new List<Node> { first };
        while (Accept(word))
        {
            operands.Add(operand());
        }

        return new BooleanNode(isAnd, operands);
    }

    private Node Inversion()
    {
        if (!Accept("not"))
        {
            return Comparison();
        }

        Enter();
        Node operand = Inversion();
        Leave();
        return new UnaryNode("not", operand);
    }

    private Node Comparison()
    {
        Node left = Binary(0);
        if (ComparisonOperator() is not { } first)
        {
            return left;
        }

        List<string> operators = [first];
        List<Node> rights = [Binary(0)];
        while (ComparisonOperator() is { } next)
        {
            operators.Add(next);
            rights.Add(Binary(0));
        }

        return new ComparisonNode(left, operators, rights);
    }

    private string? ComparisonOperator()
    {
        if (Current.Kind is not (TokenKind.Operator or TokenKind.Name))
        {
            return null;
        }

        switch (Current.Text)
        {
            case "==" or "!=" or "<" or "<=" or ">" or ">=" or "in":
                return _tokens[_at++].Text;
            case "is":
                _at++;
                return Accept("not") ? "is not" : "is";
            case "not" when _tokens[_at + 1].Is("in"):
                _at += 2;
                return "not in";
            default:
                return null;
        }
    }

    private static int Strength(Token token) => token.Kind != TokenKind.Operator ? -1 : token.Text switch
    {
        "|" => 0,
        "^" => 1,
        "&" => 2,
        "<<" or ">>" => 3,
        "+" or "-" => 4,
        "*" or "/" or "//" or "%" or "@" => 5,
        _ => -1,
    };

    private Node Binary(int weakest)
    {
        Node left = Unary();
        while (Strength(Current) is var strength && strength >= weakest)
        {
            string op = _tokens[_at++].Text;
            left = new BinaryNode(op, left, Binary(strength + 1));
            Grow();
        }

        return left;
    }

    private Node Unary()
    {
        if (Current.Kind == TokenKind.Operator && Current.Text is "-" or "+" or "~")
        {
            Enter();
            string op = _tokens[_at++].Text;
            Node operand = Unary();
            Leave();
            return new UnaryNode(op, operand);
        }

        Node left = Primary();
        if (!Accept("**"))
        {
            return left;
        }

        Enter();
        Node right = Unary();
        Leave();
        return new BinaryNode("**", left, right);
    }

    private Node Primary()
    {
        // Only a coroutine can await, and a template is none.
        return Accept("await") ? new StatementNode(false, [Primary()]) : Trailers(Atom());
    }

    private Node Trailers(Node value)
    {
        while (Current.Kind == TokenKind.Operator)
        {
            switch (Current.Text)
            {
                case ".":
                    _at++;
                    value = new AttributeNode(value, Name());
                    break;
                case "(":
                    _at++;
                    List<ArgumentNode> arguments = Arguments();
                    Expect(")");
                    value = new CallNode(value, arguments);
                    break;
                case "[":
                    _at++;
                    value = new SubscriptNode(value, Subscript());
                    Expect("]");
                    break;
                default:
                    return value;
            }

            Grow();
        }

        return value;
    }

    private Node Atom()
    {
        Token token = Current;
        switch (token.Kind)
        {
            case TokenKind.Literal:
                _at++;
                return Literal(token);
            case TokenKind.Name:
                _at++;
                return token.Text switch
                {
                    "True" => Constant(true),
                    "False" => Constant(false),
                    "None" => Constant(PyNone.Instance),
                    _ when Lexer.IsKeyword(token.Text) => throw Unexpected(token),
                    _ => new NameNode(token.Text),
                };
            case TokenKind.Operator when token.Text == "(":
                _at++;
                return Parenthesized();
            case TokenKind.Operator when token.Text == "[":
                _at++;
                return Bracketed();
            case TokenKind.Operator when token.Text == "...":
                _at++;
                return Constant(PyEllipsis.Instance);
            default:
                throw Unexpected(token);
        }
    }

    // Literals of text in a row are one.
    private Node Literal(Token first)
    {
        if (first.Text == "number" || Current.Kind != TokenKind.Literal || Current.Text == "number")
        {
            return Constant(first.Value!);
        }

        List<object> parts = [first.Value!];
        while (Current.Kind == TokenKind.Literal && Current.Text == "string")
        {
            parts.Add(_tokens[_at++].Value!);
        }

        if (parts.TrueForAll(part => part is string))
        {
            return Constant(string.Concat(parts));
        }

        return parts.TrueForAll(part => part is PyBytes)
            ? Constant(new PyBytes([.. parts.SelectMany(part => ((PyBytes)part).Data)]))
            : throw new SyntaxError("cannot mix bytes and nonbytes literals");
    }

    // Equal constants of one expression are one object, so that `is` sees them as Python does.
    private ConstantNode Constant(object value)
    {
        if (value is PyBytes)
        {
            return new ConstantNode(value);
        }

        if (!_constants.TryGetValue((value.GetType(), value), out ConstantNode? constant))
        {
            constant = new ConstantNode(value);
            _constants.Add((value.GetType(), value), constant);
        }

        return constant;
    }

    private Node Parenthesized()
    {
        if (Accept(")"))
        {
            return new TupleNode([]);
        }

        Node first;
        if (Current.Is("yield"))
        {
            first = Yield();
            Expect(")");
            return first;
        }

        first = StarNamedExpression();
        if (Current.Is("for") || Current.Is("async"))
        {
            first = Comprehension(isList: false, first);
        }
        else if (Current.Is(","))
        {
            first = new TupleNode(Items(first, ")"));
        }
        else if (first is StarredNode)
        {
            throw new SyntaxError("cannot use starred expression here");
        }

        Expect(")");
        return first;
    }

    private Node Bracketed()
    {
        if (Accept("]"))
        {
            return new ListNode([]);
        }

        Node first = StarNamedExpression();
        Node list = Current.Is("for") || Current.Is("async")
            ? Comprehension(isList: true, first)
            : new ListNode(Items(first, "]"));
        Expect("]");
        return list;
    }

    private Node StarNamedExpression() => Accept("*") ? new StarredNode(Binary(0)) : NamedExpression();

    private List<Node> Items(Node first, string end)
    {
        var items = new List<Node> { first };
        while (Accept(",") && !Current.Is(end))
        {
            items.Add(StarNamedExpression());
        }

        return items;
    }

    private Node Subscript()
    {
        Node first = SliceOrExpression();
        if (!Current.Is(",") && first is not StarredNode)
        {
            return first;
        }

        var items = new List<Node> { first };
        while (Accept(",") && !Current.Is("]"))
        {
            items.Add(SliceOrExpression());
        }

        return new TupleNode(items);
    }

    private Node SliceOrExpression()
    {
        if (Accept("*"))
        {
            return new StarredNode(Binary(0));
        }

        Node? start = Current.Is(":") ? null : NamedExpression();
        if (!Accept(":"))
        {
            return start!;
        }

        Node? stop = EndsSlicePart() ? null : Expression();
        Node? step = Accept(":") && !EndsSlicePart() ? Expression() : null;
        return new SliceNode(start, stop, step);
    }

    private bool EndsSlicePart() => Current.Is(":") || Current.Is("]") || Current.Is(",");

    private Node Yield()
    {
        Expect("yield");
        if (Accept("from"))
        {
            return new YieldNode(Expression());
        }

        return new YieldNode(Current.Is(")") || Current.Kind is TokenKind.End or TokenKind.NewLine || Current.Is(";") ? null : StarExpressions());
    }

    // One expression, or a tuple without parentheses.
    private Node StarExpressions()
    {
        Node first = StarExpression();
        if (!Current.Is(","))
        {
            return first;
        }

        var items = new List<Node> { first };
        while (Accept(",") && StartsExpression())
        {
            items.Add(StarExpression());
        }

        return new TupleNode(items);
    }

    private Node StarExpression() => Accept("*") ? new StarredNode(Binary(0)) : Expression();

    private bool StartsExpression() => Current.Kind switch
    {
        TokenKind.Literal => true,
        TokenKind.Name => !Lexer.IsKeyword(Current.Text) || Current.Text is "True" or "False" or "None" or "not" or "lambda" or "await",
        TokenKind.Operator => Current.Text is "(" or "[" or "-" or "+" or "~" or "*" or "...",
        _ => false,
    };

    private string Name()
    {
        if (Current.Kind != TokenKind.Name || Lexer.IsKeyword(Current.Text))
        {
            throw Unexpected(Current);
        }

        return _tokens[_at++].Text;
    }

    private bool Accept(string text)
    {
        if (!Current.Is(text))
        {
            return false;
        }

        _at++;
        return true;
    }

    private void Expect(string text)
    {
        if (!Accept(text))
        {
            throw Unexpected(Current);
        }
    }

    private void ExpectEnd()
    {
        if (Current.Kind != TokenKind.End)
        {
            throw Unexpected(Current);
        }
    }

    private static SyntaxError Unexpected(Token token) => new(token.Kind switch
    {
        TokenKind.End => "unexpected end",
        TokenKind.NewLine => "unexpected end of line",
        TokenKind.Literal => $"unexpected {token.Text}",
        _ => $"unexpected '{token.Text}'",
    });

    private void Enter()
    {
        if (++_depth > DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SyntaxError("too deeply nested");
        }
    }

    private void Leave() => _depth--;

    // Long rows of operators and calls make trees as deep as they are long: what walks a tree is held to the same limit.
    private void Grow()
    {
        if (++_grown > GrownMax)
        {
            throw new SyntaxError("too long a row of operators");
        }
    }

    private const int GrownMax = 2000;
    private int _grown;
}
