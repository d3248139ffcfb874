using System.Diagnostics;

namespace EdgeAssist.Training.Voice;

/// <summary>Programs of the system that make or change sound: octets in, octets out.</summary>
internal static class ExternalProgram
{
    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="InvalidOperationException">It is missing or refuses; the message says which.</exception>
    public static byte[] Run(string program, IEnumerable<string> arguments, byte[] input)
    {
        var given = arguments.ToList();
        using var process = Start(program, given);
        var complaint = process.StandardError.ReadToEndAsync();
        var feeding = Task.Run(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.Close();
        });
        using var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        feeding.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.ToArray() : throw new InvalidOperationException($"{program} {string.Join(' ', given)}: {complaint.GetAwaiter().GetResult().Trim()}");
    }

    private static Process Start(string program, List<string> arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })
                ?? throw new InvalidOperationException($"{program} was not started.");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException($"{program} cannot be started. Install it: apt-get install {program}.", missing);
        }
    }
}
