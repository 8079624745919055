using System.Text.RegularExpressions;

namespace BambooOrleans.Deploy.Tests;

public sealed partial class KustomizationTests
{
    public static TheoryData<string> Names => [.. Kustomization.All.Select(kustomization => kustomization.Name)];

    [Fact]
    public void There_is_a_base_and_an_overlay_for_each_purpose() =>
        Assert.Equal(["base", "overlays/development", "overlays/production"], Kustomization.All.Select(kustomization => kustomization.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Everything_that_is_taken_in_is_there_and_everything_there_is_taken_in(string name)
    {
        Kustomization kustomization = Get(name);
        string[] taken = [.. kustomization.ResourcePaths, .. kustomization.PatchPaths, .. kustomization.GeneratorPaths];

        Assert.All(taken, path => Assert.True(File.Exists(path) || File.Exists(Path.Combine(path, "kustomization.yaml")), $"{name} takes in {path}"));
        string[] files = [.. Directory.EnumerateFiles(kustomization.Folder).Where(file => Path.GetFileName(file) != "kustomization.yaml")];
        Assert.Empty(files.Except(taken));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Objects_have_a_kind_a_version_and_a_name_of_their_own(string name)
    {
        IReadOnlyList<Manifest> manifests = Get(name).Manifests;

        Assert.NotEmpty(manifests);
        Assert.All(manifests, manifest =>
        {
            Assert.Equal(VersionOf(manifest.Kind), manifest.ApiVersion);
            Assert.Matches(NamePattern(), manifest.Name);
        });
        Assert.Empty(manifests.GroupBy(manifest => (manifest.Kind, manifest.Name)).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_patch_hits_an_object_and_within_it_what_it_names(string name)
    {
        Kustomization kustomization = Get(name);

        Assert.All(kustomization.Patches, patch =>
        {
            Manifest target = Assert.Single(kustomization.Bases.SelectMany(origin => origin.Manifests), manifest =>
                (manifest.Kind, manifest.Name, manifest.ApiVersion) == (patch.Kind, patch.Name, patch.ApiVersion));
            Assert.All(patch.Containers, container =>
            {
                Yaml patched = Assert.Single(target.Containers, other => other["name"].Text == container["name"].Text);
                Assert.All(container["env"].Items, variable => Assert.Contains(
                    patched["env"].Items, other => other["name"].Text == variable["name"].Text));
            });
            Assert.All(patch.Content["spec"].Members, member => Assert.True(
                target.Content["spec"][member.Key].IsThere, $"{member.Value} is not in {target}"));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_image_that_an_overlay_sets_is_used_and_every_overlay_sets_the_silos_image(string name)
    {
        Kustomization kustomization = Get(name);
        string[] used = [.. kustomization.Manifests.SelectMany(manifest => manifest.Containers).Select(container => container["image"].Text.Split(':')[0])];
        string[] set = [.. kustomization.Content["images"].Items.Select(image => image["name"].Text)];

        Assert.Empty(set.Except(used));
        Assert.Equal(kustomization.Bases.Any() ? ["bamboo-silo"] : [], set);
        Assert.All(kustomization.Content["images"].Items, image => Assert.NotEqual("latest", image["newTag"].Text));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_overlays_namespace_is_one_that_it_makes(string name)
    {
        Kustomization kustomization = Get(name);

        Assert.Equal(
            kustomization.Content["namespace"].TextOrNull,
            kustomization.Manifests.SingleOrDefault(manifest => manifest.Kind == "Namespace")?.Name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_secret_stands_in_a_file(string name)
    {
        Kustomization kustomization = Get(name);

        Assert.False(kustomization.Content["secretGenerator"].IsThere);
        Assert.DoesNotContain(kustomization.Manifests.Concat(kustomization.Patches), manifest => manifest.Kind == "Secret");
        Assert.All(Directory.EnumerateFiles(kustomization.Folder), file => Assert.DoesNotMatch(PasswordPattern(), File.ReadAllText(file)));
    }

    [Fact]
    public void The_config_map_is_the_silo_json_of_the_top_level() => Assert.Equal(
        File.ReadAllText(Path.Combine(Repository.Root, "silo.json")), File.ReadAllText(Path.Combine(Kustomization.Base.Folder, "silo.json")));

    private static Kustomization Get(string name) => Kustomization.All.Single(kustomization => kustomization.Name == name);

    private static string VersionOf(string kind) => kind switch
    {
        "Namespace" or "Service" or "ServiceAccount" => "v1",
        "Deployment" => "apps/v1",
        "Job" => "batch/v1",
        "HorizontalPodAutoscaler" => "autoscaling/v2",
        "PodDisruptionBudget" => "policy/v1",
        "NetworkPolicy" => "networking.k8s.io/v1",
        "Role" or "RoleBinding" => "rbac.authorization.k8s.io/v1",
        _ => throw new Xunit.Sdk.XunitException($"{kind} is no kind that is expected here"),
    };

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex NamePattern();

    [GeneratedRegex("(password|pwd) *[=:]", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordPattern();
}
