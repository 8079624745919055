namespace BambooOrleans.Building;

/// <summary>
/// A node of a pipeline that is being put together. Elements are joined with the methods of <see cref="ElementFlows"/>
/// and made into a tree by <see cref="PipelineBuilder"/>.
/// </summary>
/// <param name="id">The id, unique in the whole engine; null makes one.</param>
/// <param name="name">A name for people.</param>
public abstract class Element(string? id, string? name)
{
    private string? _id = id;

    /// <summary>The id: the one that was given, or one that is made when it is first asked for.</summary>
    public string Id => IdFrom(NewId);

    /// <summary>A name for people.</summary>
    public string? Name { get; init; } = name;

    /// <summary>The elements that this one leads to, in order.</summary>
    public IReadOnlyList<Element> Outgoing => Next;

    /// <summary>The value of the member <c>type</c>.</summary>
    public abstract string Type { get; }

    internal List<Element> Next { get; } = [];

    /// <summary>The last element along the first branches from here: this one itself where it leads nowhere yet.</summary>
    /// <exception cref="PipelineBuildException">The way leads round in a circle.</exception>
    public Element Tail() => TailBefore(null);

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Name ?? "(no name)"} {_id ?? "(no id yet)"}";

    internal static string NewId(string prefix) => prefix + Guid.NewGuid().ToString("N");

    internal string IdFrom(Func<string, string> newId) => _id ??= newId("e");

    internal Element TailBefore(Element? end)
    {
        HashSet<Element> passed = [];
        Element at = this;
        while (at != end && at.Next.Count > 0)
        {
            if (!passed.Add(at))
            {
                throw new PipelineBuildException("builder.circle", at.Id, "is on a circle, so the way from it has no tail");
            }

            at = at.Next[0];
        }

        return at;
    }
}
