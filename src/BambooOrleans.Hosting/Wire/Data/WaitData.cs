namespace BambooOrleans.Hosting.Wire;

/// <summary>What tokens wait for, as data.</summary>
internal static class WaitData
{
    public static Value Write(IReadOnlyList<WaitInfo> waits) => Value.List(waits.Select(wait => (Value)wait.ToValue()));

    public static IReadOnlyList<WaitInfo> Read(Value data, string path) => AnswerMembers.ListOf(data, path, (item, at) =>
    {
        AnswerMembers members = AnswerMembers.Of(item, at);
        string kind = members.Text("kind");
        return new WaitInfo
        {
            TokenId = members.Text("token"),
            NodeId = members.Text("node_id"),
            NodeName = members.Text("node_name"),
            ScopeId = members.Text("scope_id"),
            Kind = Enum.GetValues<WaitKind>().Cast<WaitKind?>().FirstOrDefault(known => known.ToString() == kind)
                ?? throw new AnswerFormatException($"{members.PathOf("kind")} is no kind of wait"),
            Text = members.Text("text"),
            Since = members.OptionalTime("since"),
            Due = members.OptionalTime("due"),
            Version = members.OptionalText("version"),
            Error = members.OptionalText("error"),
            PausedBy = members.OptionalText("paused_by"),
            BranchesAwaited = members.OptionalInt("branches_awaited"),
            Verbs = members.Texts("verbs"),
        };
    });
}
