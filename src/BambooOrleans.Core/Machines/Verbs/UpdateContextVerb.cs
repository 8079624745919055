using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>update_context_values</c>: replaces values of a context, their type included, and finds the references of the whole
/// context anew. Keys that the context does not have are passed over (observed).
/// </summary>
internal static class UpdateContextVerb
{
    public static void Apply(PipelineMachine machine, UpdateContext input, Turn turn)
    {
        ExpressionOptions options = machine.Definition.Settings.Expressions;
        IReadOnlyDictionary<string, ContextEntry> context = machine.State.ContextOf(input.ScopeId);
        Dictionary<string, ContextValue> updates = input.Values.DistinctBy(value => value.Key).ToDictionary(
            value => value.Key, StringComparer.Ordinal);
        var direct = new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);
        foreach (ContextEntry entry in context.Values)
        {
            direct[entry.Key] = updates.TryGetValue(entry.Key, out ContextValue? update)
                ? Template.Parse(update.Value, options).References
                : entry.GetTemplate(options).References;
        }

        var changed = new List<ContextEntry>();
        foreach (ContextEntry entry in context.Values)
        {
            HashSet<string> references = ReferenceClosure.Of(direct[entry.Key], direct);
            if (updates.TryGetValue(entry.Key, out ContextValue? update))
            {
                changed.Add(new ContextEntry(entry.Key, update.Type, update.Value, update.Code, references));
            }
            else if (!references.SetEquals(entry.References))
            {
                changed.Add(new ContextEntry(entry.Key, entry.Type, entry.Value, entry.Code, references));
            }
        }

        machine.Note(input.Call, input.ScopeId, turn);
        if (changed.Count > 0)
        {
            machine.Raise(new ContextReplaced { ScopeId = input.ScopeId, Entries = changed }, turn);
        }

        turn.Effects.Add(new Reply(input.Call.Request, null));
    }
}
