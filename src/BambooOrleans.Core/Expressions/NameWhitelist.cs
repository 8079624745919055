namespace BambooOrleans.Core.Expressions;

/// <summary>How names of an expression are held against the list of allowed ones.</summary>
public enum NameWhitelist
{
    /// <summary>Names and attributes must be allowed; otherwise the template stays as written. The default.</summary>
    Enforce,

    /// <summary>Only <see cref="Template.Warnings"/> tells of names that are not allowed.</summary>
    Warn,

    /// <summary>Names are not held against the list at all.</summary>
    Off,
}
