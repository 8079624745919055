namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>Arguments, lambdas and comprehensions.</summary>
internal sealed partial class Parser
{
    private List<ArgumentNode> Arguments()
    {
        var arguments = new List<ArgumentNode>();
        bool named = false;
        bool doubleStarred = false;
        while (Current.Kind != TokenKind.End && !Current.Is(")"))
        {
            ArgumentNode argument = Argument();
            bool generator = argument is { Kind: ArgumentKind.Positional } && (Current.Is("for") || Current.Is("async"));
            if (generator)
            {
                argument = argument with { Value = Comprehension(isList: false, argument.Value) };
                if (arguments.Count > 0 || Current.Is(","))
                {
                    // A trailing comma is no second argument, yet an error as well.
                    throw new SyntaxError("Generator expression must be parenthesized");
                }
            }

            switch (argument.Kind)
            {
                case ArgumentKind.Positional when named || doubleStarred:
                    throw new SyntaxError("positional argument follows keyword argument");
                case ArgumentKind.Star when doubleStarred:
                    throw new SyntaxError("iterable argument unpacking follows keyword argument unpacking");
                case ArgumentKind.Named:
                    named = true;
                    break;
                case ArgumentKind.DoubleStar:
                    doubleStarred = true;
                    break;
            }

            arguments.Add(argument);
            if (!Accept(","))
            {
                break;
            }
        }

        return arguments;
    }

    private ArgumentNode Argument()
    {
        if (Accept("*"))
        {
            return new ArgumentNode(ArgumentKind.Star, null, Expression());
        }

        if (Accept("**"))
        {
            return new ArgumentNode(ArgumentKind.DoubleStar, null, Expression());
        }

        if (Current.Kind == TokenKind.Name && !Lexer.IsKeyword(Current.Text) && _tokens[_at + 1].Is("="))
        {
            string name = Current.Text;
            _at += 2;
            return new ArgumentNode(ArgumentKind.Named, name, Expression());
        }

        return new ArgumentNode(ArgumentKind.Positional, null, NamedExpression());
    }

    private Node Lambda()
    {
        Expect("lambda");
        Enter();
        var parameters = new List<ParameterNode>();
        ParameterKind kind = ParameterKind.Plain;
        bool bareStar = false;
        while (!Current.Is(":"))
        {
            if (Accept("/"))
            {
                if (kind != ParameterKind.Plain || parameters.Count == 0 || parameters[0].Kind == ParameterKind.PositionalOnly)
                {
                    throw new SyntaxError("unexpected '/'");
                }

                for (int i = 0; i < parameters.Count; i++)
                {
                    parameters[i] = parameters[i] with { Kind = ParameterKind.PositionalOnly };
                }
            }
            else if (Accept("**"))
            {
                parameters.Add(new ParameterNode(ParameterKind.DoubleStar, Name(), null));
                Accept(",");
                break;
            }
            else if (Accept("*"))
            {
                if (kind == ParameterKind.NamedOnly)
                {
                    throw new SyntaxError("* argument may appear only once");
                }

                kind = ParameterKind.NamedOnly;
                bareStar = Current.Is(",");
                if (!bareStar)
                {
                    parameters.Add(new ParameterNode(ParameterKind.Star, Name(), null));
                }
            }
            else
            {
                string name = Name();
                Node? @default = Accept("=") ? Expression() : null;
                if (@default is null && kind == ParameterKind.Plain && parameters.Exists(other => other.Default is not null))
                {
                    throw new SyntaxError("non-default argument follows default argument");
                }

                parameters.Add(new ParameterNode(kind, name, @default));
                bareStar = false;
            }

            if (!Accept(","))
            {
                break;
            }
        }

        if (bareStar || parameters.DistinctBy(parameter => parameter.Name).Count() != parameters.Count)
        {
            throw new SyntaxError("invalid parameters");
        }

        Expect(":");
        Node body = Expression();
        Leave();
        return new LambdaNode(parameters, body);
    }

    private ComprehensionNode Comprehension(bool isList, Node element)
    {
        if (element is StarredNode)
        {
            throw new SyntaxError("iterable unpacking cannot be used in comprehension");
        }

        var clauses = new List<ForNode>();
        while (Current.Is("for") || Current.Is("async"))
        {
            // Parsed, because names in it count as references; it can never run.
            element = Accept("async") ? new StatementNode(false, [element]) : element;
            Expect("for");
            Node target = Targets();
            Expect("in");
            Node items = Disjunction();
            var conditions = new List<Node>();
            while (Accept("if"))
            {
                conditions.Add(Disjunction());
            }

            clauses.Add(new ForNode(target, items, conditions));
            Grow();
        }

        return new ComprehensionNode(isList, element, clauses);
    }

    // What a loop binds: a name, or a tuple or list of such.
    private Node Targets()
    {
        Node first = Target();
        if (!Current.Is(","))
        {
            return first is StarredNode ? throw new SyntaxError("starred assignment target must be in a list or tuple") : first;
        }

        var items = new List<Node> { first };
        while (Accept(",") && !Current.Is("in") && !Current.Is(")") && !Current.Is("]"))
        {
            items.Add(Target());
        }

        return items.Count(item => item is StarredNode) > 1
            ? throw new SyntaxError("multiple starred expressions in assignment")
            : new TupleNode(items);
    }

    private Node Target()
    {
        if (Accept("*"))
        {
            return new StarredNode(Target());
        }

        foreach ((string open, string close) in new[] { ("(", ")"), ("[", "]") })
        {
            if (Accept(open))
            {
                Enter();
                Node inner = Current.Is(close) ? new TupleNode([]) : Targets();
                Expect(close);
                Leave();
                return inner is BindNode && close == "]" ? new TupleNode([inner]) : inner;
            }
        }

        string name = Name();
        return Current.Is(".") || Current.Is("[") ? Trailers(new NameNode(name)) : new BindNode(name);
    }
}
