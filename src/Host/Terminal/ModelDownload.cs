using System.Globalization;
using EdgeAssist.Inference.Models;
using Spectre.Console;

namespace EdgeAssist.Host.Terminal;

/// <summary>Pulls models with a bar in a terminal, with a line a file elsewhere.</summary>
internal static class ModelDownload
{
    private const double MiB = 1 << 20;

    /// <exception cref="ModelException">A model could not be had; the message says why and what to do.</exception>
    public static async Task PullAsync(ModelStore store, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var puller = new ModelPuller(store);
        if (Console.IsOutputRedirected)
        {
            await puller.PullAsync(names, new Lines(), cancellationToken);
            return;
        }

        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("models");
                await puller.PullAsync(names, new Bar(bar), cancellationToken);
                bar.Value = bar.MaxValue;
            });
    }

    private static string Describe(PullProgress progress) => string.Create(CultureInfo.InvariantCulture,
        $"{progress.Step} {progress.Model}{(progress.File.Length > 0 ? "/" + progress.File : "")} ({progress.BytesDone / MiB:0.0} of {progress.BytesTotal / MiB:0.0} MiB)");

    // Progress<T> would report from the thread pool, out of order; both of these report where they are called.
    private sealed class Lines : IProgress<PullProgress>
    {
        public void Report(PullProgress value) => Console.WriteLine("  " + Describe(value));
    }

    private sealed class Bar(ProgressTask task) : IProgress<PullProgress>
    {
        public void Report(PullProgress value)
        {
            task.MaxValue = value.BytesTotal;
            task.Value = value.BytesDone;
            task.Description = $"{value.Step} {value.Model}".EscapeMarkup();
        }
    }
}
