namespace BambooOrleans.Hosting.Wire;

/// <summary>Turns of the journal, and what a verb causes, as data.</summary>
internal static class JournalData
{
    public static Value Write(IReadOnlyList<JournalTurn> turns) => Value.List(turns.Select(turn => (Value)Value.Map(
        ("position", turn.Position), ("root_id", turn.RootId), ("machine", turn.MachineId), ("events", turn.Events))));

    public static IReadOnlyList<JournalTurn> ReadTurns(Value data, string path) => AnswerMembers.ListOf(data, path, (item, at) =>
    {
        AnswerMembers members = AnswerMembers.Of(item, at);
        return new JournalTurn(members.Long("position"), members.Text("root_id"), members.Text("machine"), members.List("events"));
    });

    public static long ReadEnd(Value data, string path) => data is IntValue number && number.TryGetInt64(out long position)
        ? position
        : throw AnswerMembers.Wrong(path, "a position", data);

    // A verb that was carried out gives no data, as the Engine API has it; what it caused stands in the journal.
    public static Value Write(VerbOutcome outcome) => outcome.IsDryRun
        ? Value.Map(
            ("dry_run", true),
            ("turns", Write(outcome.Turns)),
            ("effects", Value.List(outcome.Effects.Select(effect => (Value)effect))))
        : Value.Null;

    public static VerbOutcome ReadOutcome(Value data, string path)
    {
        if (data.IsNull)
        {
            return VerbOutcome.CarriedOut;
        }

        AnswerMembers members = AnswerMembers.Of(data, path);
        return new VerbOutcome(
            members.Flag("dry_run"), ReadTurns(members.Required("turns"), members.PathOf("turns")), members.Texts("effects"));
    }
}
