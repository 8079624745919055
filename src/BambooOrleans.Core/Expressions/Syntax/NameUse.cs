using System.Runtime.CompilerServices;

namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>
/// Which names an expression takes from outside, by the rules of the reference's template language: a name bound
/// anywhere outside of a lambda is nowhere taken from the context, not even where it is read unbound.
/// </summary>
internal sealed class NameUse
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly HashSet<string> _bound = new(StringComparer.Ordinal);
    private HashSet<string> _inLambda = new(StringComparer.Ordinal);
    private bool _inside;

    private NameUse()
    {
    }

    /// <summary>The names that the nodes read, and those that they bind.</summary>
    public static (HashSet<string> Read, HashSet<string> Bound) Of(IEnumerable<Node> nodes)
    {
        var use = new NameUse();
        foreach (Node node in nodes)
        {
            use.Visit(node);
        }

        return (use._read, use._bound);
    }

    private void Visit(Node node)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SyntaxError("too deeply nested");
        }

        switch (node)
        {
            case NameNode { Name: not "print" } name:
                if (!_bound.Contains(name.Name) && !_inLambda.Contains(name.Name))
                {
                    _read.Add(name.Name);
                }

                break;
            case BindNode bind:
                (_inside ? _inLambda : _bound).Add(bind.Name);
                break;
            case LambdaNode lambda:
                VisitLambda(lambda);
                break;
            default:
                foreach (Node child in NodeWalk.Children(node))
                {
                    Visit(child);
                }

                break;
        }
    }

    // Defaults are not looked at, and of the parameters only the plain ones count as known.
    private void VisitLambda(LambdaNode lambda)
    {
        (HashSet<string> outer, bool inside) = (_inLambda, _inside);
        _inLambda = new(outer, StringComparer.Ordinal);
        foreach (ParameterNode parameter in lambda.Parameters)
        {
            if (parameter.Kind == ParameterKind.Plain)
            {
                _inLambda.Add(parameter.Name);
            }
        }

        _inside = true;
        Visit(lambda.Body);
        (_inLambda, _inside) = (outer, inside);
    }
}
