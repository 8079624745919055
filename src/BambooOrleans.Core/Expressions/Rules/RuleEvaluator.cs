using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;
using BambooOrleans.Core.Expressions.Types;

namespace BambooOrleans.Core.Expressions.Rules;

/// <summary>Tells whether a parsed condition holds, with the conversions between the sides that pipelines depend on.</summary>
internal sealed class RuleEvaluator(Run run, object? context)
{
    /// <summary>From left to right: the first <c>or</c> behind what holds and the first <c>and</c> behind what does not decide.</summary>
    public bool Test(RuleRow row)
    {
        bool holds = false;
        for (int i = 0; i < row.Conditions.Count; i++)
        {
            if (i > 0 && row.IsAnd[i - 1] != holds)
            {
                return holds;
            }

            holds = row.Conditions[i] switch
            {
                RuleComparison comparison => Test(comparison),
                RuleRow inner => Test(inner),
                _ => throw new NotSupportedException(),
            };
        }

        return holds;
    }

    private bool Test(RuleComparison comparison)
    {
        object left = Expand(comparison.Left);
        object right = Expand(comparison.Right);
        switch (comparison.Operator)
        {
            case "in":
                return Comparison.Contains(run, Widened(left, right), left);
            case "notin":
                return !Comparison.Contains(run, Widened(left, right), left);
            case "issuperset":
                return IsSuperset(left, right);
            case "notissuperset":
                return !IsSuperset(left, right);
        }

        (left, right) = Matched(left, right);
        return comparison.Operator switch
        {
            "==" => Comparison.AreEqual(run, left, right),
            "!=" => !Comparison.AreEqual(run, left, right),
            string op => Comparison.Order(run, op, left, right),
        };
    }

    private object Expand(RuleOperand operand)
    {
        run.Step();
        return operand switch
        {
            RuleLiteral literal => literal.Value,
            RulePath path => Find(path.Path),
            RuleList list => new PyList([.. list.Items.Select(Expand)]),
            _ => PyNone.Instance,
        };
    }

    private object Find(string path)
    {
        if (context is null)
        {
            return path;
        }

        object value = context;
        foreach (string part in path.Split('.'))
        {
            try
            {
                value = Attributes.Has(value, part) ? Attributes.Get(run, value, part) : Subscripts.Get(run, value, part);
            }
            catch (PythonError error) when (error.PythonClass == "KeyError")
            {
                throw new PythonError("MissingVariableException", $"no value supplied for {path}");
            }
        }

        return value;
    }

    // A number on one side makes a number of the other, whereby a float loses its fraction; failing that, text makes text.
    private (object Left, object Right) Matched(object left, object right)
    {
        try
        {
            if (Numbers.IsInt(left))
            {
                right = ToInt(right);
            }
            else if (Numbers.IsInt(right))
            {
                left = ToInt(left);
            }

            if (left is string)
            {
                right = PythonRepr.Str(run, right);
            }
            else if (right is string)
            {
                left = PythonRepr.Str(run, left);
            }
        }
        catch (PythonError)
        {
            // What cannot be converted is compared as it is.
        }

        return (left, right);
    }

    // What is looked for in a list is looked for among its items as numbers, or as text, too.
    private object Widened(object left, object right)
    {
        if (right is not PyList { Items.Count: > 0 } list || !(Numbers.IsInt(left) || left is string))
        {
            return right;
        }

        var items = new List<object>(list.Items);
        foreach (object item in list.Items)
        {
            try
            {
                items.Add(left is string ? PythonRepr.Str(run, item) : ToInt(item));
            }
            catch (PythonError)
            {
                // An item that is no such thing is only looked at as it is.
            }
        }

        return new PyList(items);
    }

    private bool IsSuperset(object left, object right)
    {
        // Text is one item, not its letters.
        PySet whole = Sets.ToSet(run, left is string ? PyTuple.Of(left) : left);
        PySet part = Sets.ToSet(run, right is string ? PyTuple.Of(right) : right);
        return part.Items().All(item => whole.Contains(run, item));
    }

    private BigInteger ToInt(object value) =>
        (BigInteger)Calls.Invoke(run, Builtins.Find("int")!, value);
}
