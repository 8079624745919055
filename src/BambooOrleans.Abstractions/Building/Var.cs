using BambooOrleans.Pipelines;

namespace BambooOrleans.Building;

/// <summary>
/// One variable of a pipeline, input of a component or parameter of a sub-process. Text, numbers and other values are
/// plain variables by themselves; <see cref="Splice"/> and <see cref="Lazy"/> make the others.
/// </summary>
public class Var
{
    /// <summary>Makes a variable.</summary>
    /// <param name="type">How the value is to be taken.</param>
    /// <param name="value">The value.</param>
    /// <param name="customType">Of a lazy variable: the code of what computes it.</param>
    public Var(TreeVariableType type, Value value, string? customType = null)
    {
        VariableType = type;
        Value = value;
        CustomType = customType;
    }

    /// <summary>How the value is to be taken.</summary>
    public TreeVariableType VariableType { get; init; }

    /// <summary>The value as it is written.</summary>
    public Value Value { get; }

    /// <summary>Of a lazy variable: the code of what computes it.</summary>
    public string? CustomType { get; }

    /// <summary>Whether templates are rendered; false writes <c>need_render</c> into the tree, null leaves it to the type.</summary>
    public bool? NeedRender { get; init; }

    /// <summary>Whether the value is masked wherever it is shown; writes <c>secret</c> into the tree.</summary>
    public bool IsSecret { get; init; }

    /// <summary>A plain variable.</summary>
    public static implicit operator Var(Value? value) => Plain(value ?? Value.Null);

    /// <summary>A plain variable.</summary>
    public static implicit operator Var(string? value) => Plain(value);

    /// <summary>A plain variable.</summary>
    public static implicit operator Var(bool value) => Plain(value);

    /// <summary>A plain variable.</summary>
    public static implicit operator Var(int value) => Plain(value);

    /// <summary>A plain variable.</summary>
    public static implicit operator Var(long value) => Plain(value);

    /// <summary>A plain variable.</summary>
    public static implicit operator Var(double value) => Plain(value);

    /// <summary>A variable whose value is taken as it is.</summary>
    public static Var Plain(Value value) => new(TreeVariableType.Plain, value);

    /// <summary>A variable whose templates (<c>${name}</c>) are rendered.</summary>
    public static Var Splice(Value value) => new(TreeVariableType.Splice, value);

    /// <summary>A variable whose templates are rendered, and from which registered code then computes the value.</summary>
    public static Var Lazy(Value value, string customType) => new(TreeVariableType.Lazy, value, customType);

    internal MapValue ToValue(Func<string, string> newId)
    {
        var members = new MapValue.Builder
        {
            ["type"] = VariableType switch
            {
                TreeVariableType.Splice => "splice",
                TreeVariableType.Lazy => "lazy",
                _ => "plain",
            },
            ["value"] = Value,
        };
        if (VariableType == TreeVariableType.Lazy)
        {
            members["custom_type"] = CustomType;
        }

        AddMembers(members, newId);
        if (NeedRender is { } needRender)
        {
            members["need_render"] = needRender;
        }

        if (IsSecret)
        {
            members["secret"] = true;
        }

        return members.Build();
    }

    private protected virtual void AddMembers(MapValue.Builder members, Func<string, string> newId)
    {
    }
}

/// <summary>A variable that is a parameter of the pipeline (<c>is_param</c>).</summary>
/// <param name="type">How the value is to be taken.</param>
/// <param name="value">The value.</param>
/// <param name="customType">Of a lazy variable: the code of what computes it.</param>
public sealed class DataInput(TreeVariableType type, Value value, string? customType = null) : Var(type, value, customType)
{
    private protected override void AddMembers(MapValue.Builder members, Func<string, string> newId) => members["is_param"] = true;
}
