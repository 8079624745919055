using BambooOrleans.Core.Expressions.Syntax;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Walks a parsed expression.</summary>
internal sealed class Evaluator(Run run, Func<string, object> resolve)
{
    /// <summary>Evaluates arguments as a call does.</summary>
    public Arguments Arguments(IReadOnlyList<ArgumentNode> nodes, Scope scope)
    {
        var positional = new List<object>(nodes.Count);
        List<(string Name, object Value)>? named = null;
        foreach (ArgumentNode node in nodes)
        {
            object value = Evaluate(node.Value, scope);
            switch (node.Kind)
            {
                case ArgumentKind.Positional:
                    positional.Add(value);
                    break;
                case ArgumentKind.Star:
                    positional.AddRange(Iteration.IsIterable(value)
                        ? Iteration.ToList(run, value)
                        : throw PythonError.Type($"Value after * must be an iterable, not {TypeNames.Of(value)}"));
                    break;
                case ArgumentKind.Named:
                    AddNamed(node.Name!, value);
                    break;
                default:
                    PyDict dict = value as PyDict ?? throw PythonError.Type($"argument after ** must be a mapping, not {TypeNames.Of(value)}");
                    foreach ((object key, object item) in dict.Pairs())
                    {
                        run.Step();
                        AddNamed(key as string ?? throw PythonError.Type("keywords must be strings"), item);
                    }

                    break;
            }
        }

        return positional.Count == 0 && named is null ? Runtime.Arguments.None : new Arguments([.. positional], named is null ? [] : [.. named]);

        void AddNamed(string name, object value)
        {
            named ??= [];
            if (named.Exists(other => other.Name == name))
            {
                throw PythonError.Type($"got multiple values for keyword argument '{name}'");
            }

            named.Add((name, value));
        }
    }

    public object Evaluate(Node node, Scope scope)
    {
        run.Step();
        switch (node)
        {
            case ConstantNode constant:
                return constant.Value;
            case NameNode name:
                return scope.TryFind(name.Name, out object? bound) ? bound : resolve(name.Name);
            default:
                run.Enter();
                try
                {
                    return EvaluateInner(node, scope);
                }
                finally
                {
                    run.Leave();
                }
        }
    }

    private object EvaluateInner(Node node, Scope scope)
    {
        switch (node)
        {
            case AttributeNode attribute:
                return Attributes.Get(run, Evaluate(attribute.Target, scope), attribute.Name);
            case SubscriptNode subscript:
                return Subscripts.Get(run, Evaluate(subscript.Target, scope), Evaluate(subscript.Index, scope));
            case CallNode call:
                return Calls.Invoke(run, Evaluate(call.Function, scope), Arguments(call.Arguments, scope));
            case BinaryNode binary:
                return Binary(binary, scope);
            case UnaryNode { Operator: "not" } not:
                return !Truth.Of(Evaluate(not.Operand, scope));
            case UnaryNode unary:
                return Arithmetic.Unary(run, unary.Operator, Evaluate(unary.Operand, scope));
            case BooleanNode boolean:
                return Boolean(boolean, scope);
            case ComparisonNode comparison:
                return Compare(comparison, scope);
            case ConditionalNode conditional:
                return Evaluate(Truth.Of(Evaluate(conditional.Condition, scope)) ? conditional.Then : conditional.Else, scope);
            case TupleNode tuple:
                return new PyTuple([.. Items(tuple.Items, scope)]);
            case ListNode list:
                return new PyList(Items(list.Items, scope));
            case SliceNode slice:
                return new PySlice(Part(slice.Start, scope), Part(slice.Stop, scope), Part(slice.Step, scope));
            case LambdaNode lambda:
                return MakeLambda(lambda, scope);
            case ComprehensionNode comprehension:
                return Comprehend(comprehension, scope);
            case AssignmentNode assignment:
                object value = Evaluate(assignment.Value, scope);
                scope.Assign(assignment.Target.Name, value);
                return value;
            default:
                throw PythonError.Unsupported("this expression");
        }
    }

    // A long sum leans to the left: its parts are evaluated in a row, so that only real nesting goes deep.
    private object Binary(BinaryNode node, Scope scope)
    {
        var pending = new Stack<BinaryNode>();
        Node left = node;
        while (left is BinaryNode inner)
        {
            pending.Push(inner);
            left = inner.Left;
        }

        object result = Evaluate(left, scope);
        foreach (BinaryNode step in pending)
        {
            run.Step();
            result = Arithmetic.Binary(run, step.Operator, result, Evaluate(step.Right, scope));
        }

        return result;
    }

    private object Boolean(BooleanNode node, Scope scope)
    {
        object value = PyNone.Instance;
        foreach (Node operand in node.Operands)
        {
            value = Evaluate(operand, scope);
            if (Truth.Of(value) != node.IsAnd)
            {
                return value;
            }
        }

        return value;
    }

    private object Compare(ComparisonNode node, Scope scope)
    {
        object left = Evaluate(node.Left, scope);
        for (int i = 0; i < node.Operators.Count; i++)
        {
            object right = Evaluate(node.Rights[i], scope);
            bool holds = node.Operators[i] switch
            {
                "==" => Comparison.AreEqual(run, left, right),
                "!=" => !Comparison.AreEqual(run, left, right),
                "is" => Comparison.AreSame(left, right),
                "is not" => !Comparison.AreSame(left, right),
                "in" => Comparison.Contains(run, right, left),
                "not in" => !Comparison.Contains(run, right, left),
                string op => Comparison.Order(run, op, left, right),
            };
            if (!holds)
            {
                return false;
            }

            left = right;
        }

        return true;
    }

    private List<object> Items(IReadOnlyList<Node> nodes, Scope scope)
    {
        run.Take(8L * nodes.Count);
        var items = new List<object>(nodes.Count);
        foreach (Node node in nodes)
        {
            if (node is StarredNode starred)
            {
                items.AddRange(Iteration.ToList(run, Evaluate(starred.Items, scope)));
            }
            else
            {
                items.Add(Evaluate(node, scope));
            }
        }

        return items;
    }

    private object Part(Node? node, Scope scope) => node is null ? PyNone.Instance : Evaluate(node, scope);

    private PyFunction MakeLambda(LambdaNode node, Scope scope)
    {
        object?[] defaults = [.. node.Parameters.Select(parameter => parameter.Default is null ? null : Evaluate(parameter.Default, scope))];
        return new PyFunction("<lambda>", "<function <lambda>>", (_, arguments) =>
        {
            run.Step();
            return Evaluate(node.Body, Lambdas.Bind(run, node, defaults, scope, arguments));
        });
    }

    private object Comprehend(ComprehensionNode node, Scope scope)
    {
        // The first iterable is evaluated at once, where the comprehension stands.
        object items = Evaluate(node.Clauses[0].Items, scope);
        if (!Iteration.IsIterable(items))
        {
            throw PythonError.Type($"'{TypeNames.Of(items)}' object is not iterable");
        }

        IEnumerable<object> results = Loop(node, 0, items, new Scope(scope, isComprehension: true));
        if (!node.IsList)
        {
            return new PyIterator("generator", results.GetEnumerator());
        }

        var list = new List<object>();
        foreach (object item in results)
        {
            run.Take(8);
            list.Add(item);
        }

        return new PyList(list);
    }

    private IEnumerable<object> Loop(ComprehensionNode node, int clause, object? items, Scope scope)
    {
        ForNode loop = node.Clauses[clause];
        foreach (object item in Iteration.Over(run, items ?? Evaluate(loop.Items, scope)))
        {
            Unpacking.Bind(run, loop.Target, item, scope);
            if (!loop.Conditions.All(condition => Truth.Of(Evaluate(condition, scope))))
            {
                continue;
            }

            if (clause + 1 == node.Clauses.Count)
            {
                yield return Evaluate(node.Element, scope);
                continue;
            }

            foreach (object inner in Loop(node, clause + 1, null, scope))
            {
                yield return inner;
            }
        }
    }
}
