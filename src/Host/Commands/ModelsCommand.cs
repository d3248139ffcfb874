using System.CommandLine;
using System.Globalization;
using EdgeAssist.Host.Terminal;
using EdgeAssist.Inference.Models;
using EdgeAssist.Inference.Whisper;
using Spectre.Console;

namespace EdgeAssist.Host.Commands;

/// <summary><c>edgeassist models list | pull | verify | import | import-whisper | build-whisper | bench</c>.</summary>
internal static class ModelsCommand
{
    public static Command Create(ModelStore store)
    {
        var command = new Command("models", "The models on this machine: what there is, fetch, check, bring in from a folder.");
        command.Subcommands.Add(List(store));
        command.Subcommands.Add(Pull(store));
        command.Subcommands.Add(Verify(store));
        command.Subcommands.Add(Import(store));
        command.Subcommands.Add(ImportWhisper(store));
        command.Subcommands.Add(BuildWhisper(store));
        command.Subcommands.Add(ModelsBenchCommand.Create(store));
        return command;
    }

    private static Command List(ModelStore store)
    {
        var command = new Command("list", "Every model in the manifest, with its licence and whether it is here.");
        command.SetAction(_ =>
        {
            var table = new Table { Border = TableBorder.Minimal };
            table.AddColumns("model", "kind", "size", "licence", "state");
            foreach (var (model, state, _) in store.List())
                table.AddRow(model.Name.EscapeMarkup(), model.Kind.EscapeMarkup(), string.Create(CultureInfo.InvariantCulture, $"{model.Size / 1048576.0:0.0} MiB"), model.Licence.EscapeMarkup(), StateOf(model, state));
            AnsiConsole.Write(table);
            if (store.OwnListProblem.Length > 0) Console.WriteLine(store.OwnListProblem);
            Console.WriteLine($"store: {store.Directory}");
            return 0;
        });
        return command;
    }

    private static Command Pull(ModelStore store)
    {
        var names = new Argument<string[]>("model") { Description = "Names from the list; none: all but the optional ones.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("pull", "Fetch models, check them against the manifest and put them into the store.") { names };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var asked = parsed.GetValue(names) ?? [];
            await ModelDownload.PullAsync(store, asked.Length > 0 ? asked : [.. store.Manifest.Models.Where(model => !model.Optional).Select(model => model.Name)], cancellationToken);
            Console.WriteLine($"in place: {store.Directory}");
            return 0;
        });
        return command;
    }

    private static Command Verify(ModelStore store)
    {
        var command = new Command("verify", "Read every file and compare it with its SHA-256. Exit code 1 when one is missing or altered.");
        command.SetAction(_ =>
        {
            var bad = 0;
            foreach (var (model, state, detail) in store.List())
            {
                Console.WriteLine($"{StateOf(model, state),-8} {model.Name}{(detail.Length > 0 ? "  " + detail : "")}");
                if (state == ModelState.Damaged || (state == ModelState.Missing && !model.Optional)) bad++;
            }

            if (bad > 0) Console.WriteLine("Mend with: edgeassist models pull");
            return bad == 0 ? 0 : 1;
        });
        return command;
    }

    private static string StateOf(ModelEntry model, ModelState state) =>
        state == ModelState.Missing && model.Optional ? "optional" : state.ToString().ToLowerInvariant();

    private static Command ImportWhisper(ModelStore store)
    {
        var path = new Argument<string>("file") { Description = "A Whisper model in ggml form." };
        var name = new Option<string>("--name") { Description = "What it is to be called, for Inference:SpeechModel.", Required = true };
        var licence = new Option<string>("--licence") { Description = "Its licence, as you know it.", DefaultValueFactory = _ => "MIT" };
        var command = new Command("import-whisper", "Bring in a Whisper model of your own; its hash is recorded, and from then on only this file is loaded under the name.") { path, name, licence };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var entry = await new ModelPuller(store).ImportWhisperAsync(parsed.GetRequiredValue(path), parsed.GetRequiredValue(name), parsed.GetRequiredValue(licence), cancellationToken);
            Console.WriteLine($"taken: {entry.Name}  {entry.About}");
            Console.WriteLine($"use it with: --set Inference:SpeechModel={entry.Name}");
            return 0;
        });
        return command;
    }

    private static Command BuildWhisper(ModelStore store)
    {
        var command = new Command("build-whisper", "Build whisper.cpp for this machine's processor (needs cmake and g++, some minutes).");
        command.SetAction(async (_, cancellationToken) =>
        {
            Console.WriteLine(await new WhisperBuilder(store).BuildAsync(cancellationToken));
            return 0;
        });
        return command;
    }

    private static Command Import(ModelStore store)
    {
        var path = new Argument<string>("path") { Description = "A file or a folder; files are recognised by their SHA-256." };
        var command = new Command("import", "Bring models in from a folder, for machines without a network.") { path };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            foreach (var taken in await new ModelPuller(store).ImportAsync(parsed.GetRequiredValue(path), cancellationToken))
                Console.WriteLine($"taken: {taken}");
            return 0;
        });
        return command;
    }
}
