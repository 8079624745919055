using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>A gateway that evaluates the conditions of its flows.</summary>
internal abstract class ConditionGateway : HydratingNode
{
    /// <summary>Whether evaluation ends at the first condition that is met.</summary>
    protected abstract bool StopsAtFirst(NodeMachine machine);

    /// <summary>Where to go, or why that cannot be said: exactly one is given.</summary>
    protected abstract (IReadOnlyList<string>? Next, string? Error) Choose(NodeMachine machine, IReadOnlyList<ConditionDefinition> met);

    /// <summary>Which text of a condition an evaluation error shows: as it is written, or rendered.</summary>
    protected abstract string ShownInError(ConditionDefinition condition, string rendered);

    protected override void Proceed(NodeMachine machine, Enter input, IReadOnlyDictionary<string, Value> values, Turn turn)
    {
        var met = new List<ConditionDefinition>();
        Dictionary<string, Value> escaped = values.ToDictionary(
            value => value.Key, value => PythonText.EscapeControl(value.Value), StringComparer.Ordinal);
        foreach (ConditionDefinition condition in machine.Definition.Conditions)
        {
            if (Evaluate(condition, escaped) is { Error: var error, Result: var result } && error is not null)
            {
                machine.FailWith(error, turn);
                return;
            }

            if (result)
            {
                met.Add(condition);
                if (StopsAtFirst(machine))
                {
                    break;
                }
            }
        }

        (IReadOnlyList<string>? next, string? mismatch) = met.Count == 0 && machine.Definition.DefaultTarget is null
            ? (null, "all conditions of branches are not meet")
            : Choose(machine, met);
        if (next is null)
        {
            machine.FailWith(mismatch!, turn);
        }
        else
        {
            machine.FinishTo(next, turn);
        }
    }

    protected override void Fail(NodeMachine machine, Enter input, string cause, Turn turn) =>
        machine.FailWith($"evaluation context hydrate failed({cause}), check node log for details.", turn);

    private (bool Result, string? Error) Evaluate(ConditionDefinition condition, Dictionary<string, Value> context)
    {
        // A condition that is exactly ${x} gives the value itself: a text is then a condition, anything else fails (observed).
        Value rendered = condition.Template.Render(context);
        string text = PythonText.Str(rendered);
        try
        {
            return rendered is TextValue
                ? (BooleanRule.Parse(text).Test(), null)
                : (false, $"evaluate[{ShownInError(condition, text)}] fail with data[{DataOf(context)}] message: "
                    + $"expected string or bytes-like object, got '{PythonText.TypeName(rendered)}'");
        }
        catch (BooleanRuleParseException)
        {
            return (false, $"evaluate[{condition.Evaluate}] fail with data[{DataOf(context)}]: "
                + "please check that every variable exists and that the expression is one the boolean rules support");
        }
        catch (BambooException failure)
        {
            return (false, $"evaluate[{ShownInError(condition, text)}] fail with data[{DataOf(context)}] message: {failure.Message}");
        }
    }

    private static string DataOf(Dictionary<string, Value> context) =>
        Value.Map(context.Select(entry => (entry.Key, entry.Value))).ToJson();
}
