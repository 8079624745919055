namespace BambooOrleans.Core.Expressions.Modules;

/// <summary>Where a match must begin and end.</summary>
internal enum RegexAnchor
{
    None,
    Start,
    Both,
}
