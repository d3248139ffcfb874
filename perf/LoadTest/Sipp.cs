using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace EdgeAssist.LoadTest;

/// <summary>What one run of SIPp came to.</summary>
/// <param name="Succeeded">Calls that went as their scenario says.</param>
/// <param name="Failed">Calls that did not.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Times">Request to final answer, in milliseconds, in no order; empty without such a measurement.</param>
internal sealed record SippRun(int Succeeded, int Failed, double Seconds, IReadOnlyList<double> Times)
{
    public double Rank(double share) => Times.Count == 0 ? double.NaN : Times.Order().ElementAt(Math.Min(Times.Count - 1, (int)(share * Times.Count)));
}

/// <summary>Runs SIPp (Debian package sip-tester) with a scenario of the end-to-end tests, for a bounded time.</summary>
internal static class Sipp
{
    /// <param name="scenario">File name of the scenario.</param>
    /// <param name="target">The gateway.</param>
    /// <param name="source">Our address, a loopback one.</param>
    /// <param name="rate">Calls a second.</param>
    /// <param name="calls">Calls in all.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidOperationException">SIPp could not be started.</exception>
    public static async Task<SippRun> RunAsync(string scenario, IPEndPoint target, IPAddress source, int rate, int calls, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("edgeassist-sipp-");
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds((calls / (double)rate) + 60));
            var watch = Stopwatch.StartNew();
            using var process = Process.Start(StartInfo(scenario, target, source, rate, calls, folder.FullName)) ?? throw new InvalidOperationException("sipp did not start.");
            try
            {
                process.StandardInput.Close();
                var (output, error) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
                await process.WaitForExitAsync(limit.Token);
                await Task.WhenAll(output, error);
            }
            finally
            {
                if (!process.HasExited) process.Kill();
            }

            return Read(folder, watch.Elapsed.TotalSeconds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static ProcessStartInfo StartInfo(string scenario, IPEndPoint target, IPAddress source, int rate, int calls, string folder)
    {
        var start = new ProcessStartInfo("sipp")
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = folder,
        };
        string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
        foreach (var word in (string[])
        [
            target.ToString(), "-sf", Path.Combine(AppContext.BaseDirectory, "Sipp", scenario), "-i", source.ToString(), "-r", Number(rate), "-m", Number(calls),
            "-l", "20000", "-t", "u1", "-nostdin", "-trace_stat", "-stf", "stat.csv", "-fd", "1", "-trace_rtt", "-rtt_freq", "1",
        ]) start.ArgumentList.Add(word);
        return start;
    }

    private static SippRun Read(DirectoryInfo folder, double seconds)
    {
        var lines = File.ReadAllLines(Path.Combine(folder.FullName, "stat.csv"));
        var (names, last) = (lines[0].Split(';'), lines[^1].Split(';'));
        int Field(string name) => int.Parse(last[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
        var times = folder.GetFiles("*_rtt.csv").SelectMany(file => File.ReadLines(file.FullName).Skip(1)).Select(line => line.Split(';'))
            .Where(fields => fields.Length >= 2).Select(fields => double.Parse(fields[1], CultureInfo.InvariantCulture)).ToList();
        return new SippRun(Field("SuccessfulCall(C)"), Field("FailedCall(C)"), seconds, times);
    }
}
