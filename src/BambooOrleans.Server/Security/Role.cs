namespace BambooOrleans.Server.Security;

/// <summary>What a caller may do. Each role may do all that those before it may.</summary>
public enum Role
{
    /// <summary>Reads.</summary>
    Viewer = 1,

    /// <summary>Submits pipelines and steers them.</summary>
    Operator = 2,

    /// <summary>Also changes the data that pipelines work with.</summary>
    Admin = 3,
}

/// <summary>The names of roles, as keys and tokens carry them.</summary>
public static class Roles
{
    /// <summary>The name, such as <c>viewer</c>.</summary>
    public static string Name(this Role role) => role switch
    {
        Role.Viewer => "viewer",
        Role.Operator => "operator",
        Role.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, null),
    };

    /// <summary>The role of a name; false where there is none.</summary>
    public static bool TryParse(string? name, out Role role)
    {
        foreach (Role known in Enum.GetValues<Role>())
        {
            if (known.Name() == name)
            {
                role = known;
                return true;
            }
        }

        role = default;
        return false;
    }
}
