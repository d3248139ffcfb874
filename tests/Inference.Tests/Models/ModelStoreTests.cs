using System.Security.Cryptography;
using System.Text;
using EdgeAssist.Inference.Models;
using Xunit;

namespace EdgeAssist.Inference.Tests.Models;

public sealed class ModelStoreTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgeassist-models-").FullName;
    private static readonly byte[] Content = Encoding.ASCII.GetBytes("a model of sorts");

    [Fact]
    public void A_file_with_its_hash_is_present_and_readable()
    {
        var store = Store();
        Put(store, Content);

        Assert.Equal(ModelState.Present, Assert.Single(store.List()).State);
        Assert.Equal(Content, store.Read(store.Manifest.Find("toy"), "toy.onnx"));
    }

    [Fact]
    public void A_missing_model_names_the_command_that_fetches_it()
    {
        var store = Store();

        var refusal = Assert.Throws<ModelException>(() => store.Read(store.Manifest.Find("toy"), "toy.onnx"));

        Assert.Contains("edgeassist models pull toy", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(ModelState.Missing, store.Verify("toy").State);
    }

    [Fact]
    public void An_altered_file_is_refused()
    {
        var store = Store();
        Put(store, [.. Content[..^1], (byte)'!']);

        Assert.Throws<ModelException>(() => store.Read(store.Manifest.Find("toy"), "toy.onnx"));
        Assert.Equal(ModelState.Damaged, store.Verify("toy").State);
    }

    [Fact]
    public void What_the_manifest_does_not_list_cannot_be_asked_for()
    {
        var store = Store();

        Assert.Contains("Known are: toy", Assert.Throws<ModelException>(() => store.Manifest.Find("other")).Message, StringComparison.Ordinal);
        Assert.Throws<ModelException>(() => store.Read(store.Manifest.Find("toy"), "other.onnx"));
    }

    [Theory]
    [InlineData("""{ "version": 2, "models": [] }""", "version 2")]
    [InlineData("""{ "version": 1, "models": [] }""", "lists no model")]
    [InlineData("""{ "version": 1, "modles": [] }""", "modles")]
    [InlineData("""{ "version": 1 """, "cannot be read")]
    public void A_manifest_that_cannot_be_used_says_why(string json, string why) =>
        Assert.Contains(why, Assert.Throws<ModelException>(() => ModelManifest.Parse(Encoding.UTF8.GetBytes(json), "here")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("../toy.onnx", "https://models.example/toy.onnx", "may hold only letters")]
    [InlineData("toy.onnx", "http://models.example/toy.onnx", "over https only")]
    public void A_manifest_cannot_lead_out_of_the_store_nor_to_an_unsafe_address(string file, string address, string why) =>
        Assert.Contains(why, Assert.Throws<ModelException>(() => TestManifests.Toy(file, Content, address)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Import_finds_a_file_by_its_hash_whatever_it_is_called()
    {
        var store = Store();
        var source = Directory.CreateDirectory(Path.Combine(_folder, "usb", "deep")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(source, "renamed.bin"), Content, TestContext.Current.CancellationToken);

        var taken = await new ModelPuller(store).ImportAsync(Path.Combine(_folder, "usb"), TestContext.Current.CancellationToken);

        Assert.Equal(["toy/toy.onnx"], taken);
        Assert.Equal(ModelState.Present, store.Verify("toy").State);
    }

    [Fact]
    public async Task Import_of_anything_else_is_refused()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "readme.txt"), "nothing", TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<ModelException>(() => new ModelPuller(Store()).ImportAsync(_folder, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_built_in_manifest_pins_every_file()
    {
        Assert.Contains(ModelManifest.BuiltIn.Models, model => model.Name == "moonshine-tiny-en");
        Assert.All(ModelManifest.BuiltIn.Models.SelectMany(model => model.Files), file => Assert.True(file.Sha256?.Length == SHA256.HashSizeInBytes * 2 || file.Sha1?.Length == SHA1.HashSizeInBytes * 2));
        Assert.All(ModelManifest.BuiltIn.Models, model => Assert.NotEmpty(model.Licence));
    }

    [Fact]
    public void Every_package_of_the_manifest_is_pinned_in_the_lock_file()
    {
        foreach (var package in ModelManifest.BuiltIn.Models.SelectMany(model => model.Files).Select(file => file.Npm).OfType<string>().Distinct())
        {
            var name = NpmClient.PackageName(package);
            var locked = Encoding.UTF8.GetString(EmbeddedModels.Read(EmbeddedModels.SetOf(package) + "/package-lock.json"));
            Assert.Contains($"\"{name}\": \"{package[(name.Length + 1)..]}\"", locked, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_thousand_altered_files_are_refused_before_anything_looks_into_them()
    {
        var (dice, store) = (new Random(3), Store());
        for (var i = 0; i < 1000; i++)
        {
            var altered = Content.ToArray();
            if (i % 3 == 0) altered = altered[..dice.Next(altered.Length)];
            else altered[dice.Next(altered.Length)] ^= (byte)(1 << dice.Next(8));
            Put(store, altered);

            var refused = Assert.Throws<ModelException>(() => store.Read(store.Manifest.Find("toy"), "toy.onnx"));
            Assert.Contains("edgeassist models pull toy", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_Whisper_of_ones_own_is_listed_with_the_hash_it_had_and_no_other_file_is_taken_for_it()
    {
        var path = Path.Combine(_folder, "mine.bin");
        await File.WriteAllBytesAsync(path, Whisper.MicroWhisper.File, TestContext.Current.CancellationToken);
        var folder = Path.Combine(_folder, "own");
        await new ModelPuller(new ModelStore(folder)).ImportWhisperAsync(path, "mine", "MIT", TestContext.Current.CancellationToken);

        var store = new ModelStore(folder);
        var octets = store.Read(store.Manifest.Find("mine"), "ggml-model.bin");
        octets[^1] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(folder, "mine", "ggml-model.bin"), octets, TestContext.Current.CancellationToken);

        Assert.Equal("whisper", store.Manifest.Find("mine").Engine);
        Assert.Equal(ModelState.Damaged, store.Verify("mine").State);
        Assert.Throws<ModelException>(() => store.Read(store.Manifest.Find("mine"), "ggml-model.bin"));
    }

    [Fact]
    public async Task A_file_that_is_no_Whisper_is_not_brought_in()
    {
        var path = Path.Combine(_folder, "mine.bin");
        await File.WriteAllBytesAsync(path, Content, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<ModelException>(() => new ModelPuller(new ModelStore(Path.Combine(_folder, "own"))).ImportWhisperAsync(path, "mine", "MIT", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_list_of_ones_own_that_cannot_be_read_leaves_the_built_in_one()
    {
        var folder = Path.Combine(_folder, "own");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "own.json"), "{ not a list", TestContext.Current.CancellationToken);

        var store = new ModelStore(folder);

        Assert.Equal(ModelManifest.BuiltIn.Models.Length, store.Manifest.Models.Length);
        Assert.Contains("own.json", store.OwnListProblem, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ModelStore Store() => new(Path.Combine(_folder, "store"), TestManifests.Toy("toy.onnx", Content, "https://models.example/toy.onnx"));

    private static void Put(ModelStore store, byte[] content)
    {
        Directory.CreateDirectory(Path.Combine(store.Directory, "toy"));
        File.WriteAllBytes(Path.Combine(store.Directory, "toy", "toy.onnx"), content);
    }
}
