namespace BambooOrleans.Cluster;

/// <summary>A setting is wrong, unknown or missing. The message is one line that names the file or the variable, and the setting.</summary>
public sealed class SettingsException : Exception
{
    /// <summary>The origin of what file and environment say together.</summary>
    public const string Merged = "settings";

    /// <summary>Makes one.</summary>
    /// <param name="origin">The file, or <c>environment variable NAME</c>.</param>
    /// <param name="setting">The setting's name, with dots between its parts; null where the whole file is meant.</param>
    /// <param name="problem">What is wrong, to stand after the name.</param>
    /// <param name="cause">What led to it.</param>
    public SettingsException(string origin, string? setting, string problem, Exception? cause = null)
        : base(setting is null ? $"{origin}: {problem}" : $"{origin}: {setting} {problem}", cause)
    {
        Origin = origin;
        Setting = setting;
    }

    /// <summary>The file, or <c>environment variable NAME</c>.</summary>
    public string Origin { get; }

    /// <summary>The setting's name, with dots between its parts; null where the whole file is meant.</summary>
    public string? Setting { get; }
}
