namespace EdgeAssist.Host.Composition;

/// <summary>Where the appliance keeps its journal, keys and models.</summary>
internal static class DataDirectory
{
    /// <summary>
    /// What was asked for; else systemd's <c>STATE_DIRECTORY</c>; else <c>$XDG_DATA_HOME/edgeassist</c>; else
    /// <c>~/.local/share/edgeassist</c>.
    /// </summary>
    public static string Resolve(string? configured)
    {
        if (!string.IsNullOrWhiteSpace(configured)) return Path.GetFullPath(configured);

        // systemd gives several directories separated by colons; the first is ours.
        var state = Environment.GetEnvironmentVariable("STATE_DIRECTORY");
        if (!string.IsNullOrEmpty(state)) return state.Split(':')[0];

        return Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "edgeassist");
    }
}
