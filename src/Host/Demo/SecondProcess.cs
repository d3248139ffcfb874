using System.Diagnostics;
using EdgeAssist.Host.Commands;
using EdgeAssist.Host.Terminal;
using EdgeAssist.V1;
using Google.Protobuf;

namespace EdgeAssist.Host.Demo;

/// <summary>A second process of this program that follows alerts over gRPC, as a desktop would.</summary>
internal sealed class SecondProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _reading;

    private SecondProcess(Process process, DemoStory story)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(story), ReadErrorsAsync(story));
    }

    public int Id => _process.Id;

    public static SecondProcess Start(Uri relay, string token, DemoStory story)
    {
        var program = Environment.ProcessPath ?? throw new UserError("The program's own path is not known; the second process cannot be started.");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // Under «dotnet edgeassist.dll» the path is that of the runtime's host.
        if (Path.GetFileNameWithoutExtension(program) == "dotnet") start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "edgeassist.dll"));
        foreach (var word in new[] { "watch", "--json", "--address", relay.ToString() }) start.ArgumentList.Add(word);
        start.Environment[WatchCommand.TokenVariable] = token;       // not on the command line, where every user could read it

        var process = Process.Start(start) ?? throw new UserError($"{program} could not be started a second time.");
        return new SecondProcess(process, story);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync(DemoStory story)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            var happened = JsonParser.Default.Parse<AlertEvent>(line);
            story.Heard($"[process {Id}] {story.KeyOf(happened.Alert.CallId)}: {AlertLine.Describe(happened)}", happened);
        }
    }

    private async Task ReadErrorsAsync(DemoStory story)
    {
        while (await _process.StandardError.ReadLineAsync() is { } line) story.Heard($"[process {Id}] {line}", null);
    }
}
