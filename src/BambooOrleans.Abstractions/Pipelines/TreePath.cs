using System.Text;

namespace BambooOrleans.Pipelines;

/// <summary>A place in the JSON of a tree. It becomes text only where something is wrong, and so costs next to nothing before.</summary>
internal sealed class TreePath(TreePath? parent, string name)
{
    public static TreePath Root { get; } = new(null, "pipeline");

    public static TreePath operator /(TreePath parent, string name) => new(parent, name);

    public static TreePath operator /(TreePath parent, int index) => new(parent, $"[{index}]");

    public override string ToString()
    {
        var names = new Stack<string>();
        for (TreePath? at = this; at is not null; at = at.Parent)
        {
            names.Push(at.Name);
        }

        var text = new StringBuilder(names.Pop());
        foreach (string next in names)
        {
            if (next.StartsWith('['))
            {
                text.Append(next);
            }
            else if (next.Length == 0 || next.AsSpan().IndexOfAny(". []\"\t\r\n") >= 0)
            {
                text.Append('[').Append(((Value)next).ToJson()).Append(']');
            }
            else
            {
                text.Append('.').Append(next);
            }
        }

        return text.ToString();
    }

    private TreePath? Parent { get; } = parent;

    private string Name { get; } = name;
}
