using EdgeAssist.Host.Terminal;

namespace EdgeAssist.Host.Composition;

/// <summary>Settings in the order in which the later wins: built in, <c>/etc/edgeassist/edgeassist.json</c> or --config, environment, command line.</summary>
internal static class ApplianceConfiguration
{
    /// <summary>Read when it exists and no other file is named.</summary>
    public const string SystemFile = "/etc/edgeassist/edgeassist.json";

    /// <summary>Variables such as <c>EDGEASSIST_Sip__MaxCalls</c>.</summary>
    public const string EnvironmentPrefix = "EDGEASSIST_";

    /// <param name="file">A file named on the command line, or null.</param>
    /// <param name="overrides">Settings from the command line.</param>
    /// <exception cref="UserError">The named file is missing or is not JSON.</exception>
    public static IConfigurationRoot Load(string? file, IEnumerable<KeyValuePair<string, string?>>? overrides = null)
    {
        if (file is not null && !File.Exists(file)) throw new UserError($"--config {file}: there is no such file.");

        var builder = new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true);
        builder.AddJsonFile(Path.GetFullPath(file ?? SystemFile), optional: file is null);
        builder.AddEnvironmentVariables(EnvironmentPrefix);
        if (overrides is not null) builder.AddInMemoryCollection(LastOfEach(overrides));

        try
        {
            return builder.Build();
        }
        catch (InvalidDataException broken)
        {
            // The JSON reader's own sentence names the line; the outer one names the file.
            throw new UserError($"{broken.Message.TrimEnd('.')}: {broken.GetBaseException().Message}", broken);
        }
    }

    // A setting given twice: the later wins here too.
    private static Dictionary<string, string?> LastOfEach(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var last = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in settings) last[name] = value;
        return last;
    }
}
